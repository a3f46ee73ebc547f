"""Queries that mean harm: each is answered or refused, in time. Three hundred and more of them."""

from __future__ import annotations

from random import Random

LONGEST = 2_000

PIECES = (
    *('"', "'", "(", ")", "[", "]", "{", "}", "/", "\\", "~", "^", ":", "+", "-", "!", "*", "?"),
    *("&&", "||", "<", ">", "<=", ">=", "=", "AND", "OR", "NOT", "TO", " ", "  ", "\t", "\n"),
    *("a", "tin", "römäns", "metadata.title", "id", "created", "_exists_", "versions.index", "1"),
    *("2020-01-01", "now", "~1", "^2", "%", "%s", "%(q0)s", "$1", "$$", "{hint}", ";--", "'{}'"),
    *("\0", "\x1f", "\ud800", "\udfff", "\u202e", "\ufeff", "\U0001f600", "ﷺ", "İ", "e\u0301"),
    *("[* TO", "TO *]", '"a b"', "/a+/", ".", "..", "metadata..", "\\*", "\\:", "_", "#", "@", ","),
)

REPEATED = (
    *PIECES,
    *(
        "a ",
        "+a ",
        "-a ",
        "a AND ",
        "a OR ",
        "NOT ",
        "a:(",
        "((",
        "()",
        "a:b ",
        "a.",
        '"a b" ',
        "a~ ",
    ),
    *(
        '"a b"~9 ',
        "a* ",
        "*a ",
        "a?a ",
        "/a/ ",
        "/.*/ ",
        "[a TO b] ",
        "f:[1 TO 2] ",
        "f:>1 ",
        "a^9 ",
    ),
    *("_exists_:a ", "id:a ", "created:2020 ", "a-", "a.b.", "1e", "9", "-9", "\\\\", '\\"', "!a "),
    *("(a OR b) AND ", "+(a -b) ", "a:b:", "{a TO ", "a:/x/ ", "ﷺ", "é", "漢", "नि", "\U0001d51e"),
)

REGEXES = (
    *("(a+)+$", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)x", "((a{0,200}){0,200}){0,200}", "a{255}"),
    *(
        "a{256}",
        "a{2,1}",
        "a{99999}",
        "(x+x+)+y",
        r"(a)\1",
        r"\1",
        "(?=a)",
        "(?<!a)b",
        "(?i)a",
        "a**",
    ),
    *(
        "[",
        "[]",
        "[^]",
        "[a",
        "[z-a]",
        "[a-]",
        "[-a]",
        "[[:alpha:]]",
        "[.a.]",
        "[=a=]",
        r"[\d]",
        r"\d",
    ),
    *(
        r"\D+",
        r"[\D]",
        r"\p{L}",
        r"\x00",
        r"\u0000",
        r"\b",
        r"\m",
        r"\Z",
        "a|",
        "|",
        "()",
        "(",
        ")",
    ),
    *("(" * 200 + "a" + ")" * 200, "(a" * 60 + ")*" * 60, "[a-z]{1,99}" * 20, "(a?){50}a{50}"),
    *(
        "a~b",
        "a&b",
        "a@b",
        "<1-5>",
        "#",
        '"a.b"',
        '"a',
        "^a$",
        "a^b",
        "$",
        "^",
        "*",
        "+",
        "?",
        "{1}",
    ),
    *(
        "\U0001d51e+",
        "[À-ÿ]+",
        "ﷺ+",
        "\U0001f600",
        "a.{0,255}b",
        "(a.{0,99}){0,99}",
        ".*.*.*.*.*.*.*.*x",
        " ",
    ),
    *(
        "(((((a*)*)*)*)*)*",
        "(a*)*b",
        "([a-z]*)*1",
        "(.|.)*",
        "(a|b|ab)*c",
        "[^a]*" * 50,
        r"\\",
        r"\/",
    ),
)

FIELDS = (
    *("'", '\\"', "%", "%s", "%(q0)s", "$", "$1", "$$", "$.*", "@", "a'b", "a\\ b", "{", "a\\:b"),
    *(
        ".",
        "..",
        "a..b",
        "*",
        "**",
        "\\*",
        "a.*",
        "*.a",
        "a.\\*.b",
        "a*",
        "_exists_",
        "_all",
        "_id",
    ),
    *(
        "a" * 900,
        "a." * 500,
        "\ud800",
        "\0",
        "é",
        "漢字",
        "lax\\ $",
        "strict\\ $",
        "?(@",
        "a[0]",
        "[0]",
    ),
    *(
        "-1",
        "0",
        "true",
        "null",
        "metadata",
        "id",
        "r.pid",
        "s.document",
        "select",
        "metadata.*.*.*.*",
    ),
    *(
        "*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*",
        "\\u0000",
        "\\x",
        "a\\",
        "\n",
        "\t.",
        "access.status",
        "files.count",
    ),
)

VALUES = (
    *("x", '"x y"~5', "x~", "x*", "*x*", "*", "/x.*/", "[* TO *]", "[1 TO 2]", "{x TO y}", ">=1"),
    *("<-1e9", "[2020-99-99 TO 9999-12-31]", "[0000 TO 0001]", "true", "(a OR b)"),
)

NUMBERS = (
    *("9" * 400, "-" + "9" * 400, "1e999999999", "1e-999999999", "0x10", "NaN", "Infinity", "-0"),
    *(
        "1." + "0" * 400,
        ".5",
        "5.",
        "१२३",
        "½",
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "2020-13",
    ),
    *("2020-02-30", "2020-01-01T25:00:00Z", "2020-01-01T00:00:00.123456789Z", "now-1d", "2020||/y"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2020-01-01T", "''", "*"),
)


def queries() -> list[str]:
    """All of them; the same ones each time."""
    drawn = Random(6)
    found = [each * (LONGEST // len(each)) for each in REPEATED]
    found += [f"{'(' * n}a{')' * n}" for n in (50, 99, 100, 101, 500, 999)]
    found += [f"/{each}/" for each in REGEXES]
    found += [f"{name}:{drawn.choice(VALUES)}" for name in FIELDS]
    found += [f"_exists_:{name}" for name in FIELDS]
    found += [f"f:{value}" for value in VALUES]
    found.append("abcdefghijklmnopqrstuvwxyz0123~ " * 10)
    for number in NUMBERS:
        found.append(f"f:[{number} TO {drawn.choice(NUMBERS)}]")
        found.append(f"{drawn.choice(['created', 'versions.index', 'files.count'])}:>{number}")
    for _ in range(60):
        found.append("".join(drawn.choices(PIECES, k=drawn.randint(2, 60))))
    return [each[:LONGEST] for each in found]
