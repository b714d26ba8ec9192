"""What 200 real articles name, read and written down by hand before any tagger saw them.

The articles are every 26th row of the corpus' `news/cryptonews_2021_2022.csv.gz`, from row 7 on
(rows count from 0). Written down are the assets of the shipped table that a reader finds named in
title or summary: by ticker, by name, or as the protocol or issuer of that name; under their present
tickers (MATIC is POL, RNDR is RENDER, Fantom is S, UST is USTC). Firms that merely carry a coin's
name do not count (Swan Bitcoin, Bitcoin of America, Sakura Exchange Bitcoin, Luna Foundation Guard,
FTX, Binance).
"""

FIRST, STEP, COUNT = 7, 26, 200

NAMED: dict[int, str] = {
    7: "SCRT", 111: "BTC", 163: "ETH", 189: "SOL", 215: "SOL", 241: "BTC ETH", 267: "POL",
    293: "BTC ETH AAVE XRP", 319: "BTC", 345: "ETH", 371: "BTC", 397: "ATOM", 423: "ETH POL",
    449: "BTC", 475: "BTC", 501: "USDT ETH", 527: "BTC", 579: "BTC", 683: "ETH", 735: "DOT ETH",
    813: "BTC", 839: "BTC ETH", 891: "BTC", 969: "BTC", 995: "ICP BTC ETH", 1047: "BTC",
    1307: "BTC", 1333: "POL", 1359: "BTC", 1385: "RENDER YGG", 1411: "LEO", 1437: "ACH",
    1463: "BTC ETH SLP", 1489: "AXS RON SLP", 1541: "BTC", 1619: "POL", 1671: "BTC", 1723: "LINK",
    1775: "BTC", 1827: "HNT", 1853: "BTC", 1905: "SOL", 1931: "BTC", 1983: "BTC", 2009: "BTC",
    2243: "DOT", 2269: "SOL", 2295: "BTC", 2347: "IOTA", 2399: "LUNA ETH", 2425: "BTC",
    2451: "BTC ETH WAVES", 2503: "SAND", 2529: "BTC ETH LUNA XMR", 2659: "USDT", 2685: "BTC",
    2711: "BTC ETH LUNA", 2737: "REQ", 2763: "POL", 2841: "ETH", 2893: "APE", 2919: "IMX",
    2945: "BTC ETH BNB XRP LUNA SOL ADA AVAX DOT DOGE", 2971: "BTC", 3023: "ETH", 3075: "ETH",
    3101: "BTC", 3127: "BTC", 3153: "DOGE", 3205: "BTC", 3231: "BTC", 3283: "BTC", 3309: "BTC",
    3335: "BTC ETH", 3361: "UNI", 3387: "ADA", 3413: "S", 3491: "BTC", 3517: "ETH", 3569: "BTC",
    3647: "BTC", 3803: "BTC ETH ETC NEAR", 3855: "BTC", 3881: "BTC", 3985: "BTC",
    4063: "BTC USDT", 4115: "BNB", 4141: "LDO", 4167: "BTC", 4323: "ALGO", 4349: "OGN",
    4401: "BTC", 4427: "BTC", 4505: "BTC", 4531: "BTC", 4557: "BTC", 4583: "BTC", 4661: "BTC",
    4713: "BTC", 4739: "SOL", 4765: "ETH", 4817: "BTC", 4843: "BTC", 4869: "BTC",
    4921: "BTC LUNA USTC", 4973: "BTC", 4999: "BTC LUNA USTC", 5051: "BTC", 5103: "BTC",
    5155: "BTC", 5181: "USTC",
}  # fmt: skip
"""Row to tickers; a row of the 200 that is not here names none."""
