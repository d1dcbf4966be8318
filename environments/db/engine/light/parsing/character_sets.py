"""The names of character sets: those of UTF-8, which the engine has, and MySQL's and MariaDB's others."""

from __future__ import annotations

NARROW = ("utf8", "utf8mb3")
"""UTF-8 of at most three bytes a character"""
UTF8 = ("utf8mb4", *NARROW)
OTHERS = frozenset(
    """armscii8 ascii big5 binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr filename gb18030 gb2312
    gbk geostd8 greek hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7 macce macroman sjis swe7 tis620
    ucs2 ujis utf16 utf16le utf32""".split()  # noqa: SIM905
)
