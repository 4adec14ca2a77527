/// The style sheet of a report.
///
/// Colours are variables with a value for light and one for dark; `k1` … `k15` are the colours
/// of ``ChartColor``.
let reportStyle: StaticString = """

    :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#15191f;--dim:#5c6673;
    --line:#e3e7ec;--good:#0a7d4b;--bad:#c0332b;--warn:#8a5a00;--warnback:#fff6e0;
    --k1:#e6e9ee;--k2:#5c6673;--k3:#1f5fd0;--k4:#98a2b0;--k5:#c0332b;--k6:#46505e;
    --k7:#1f5fd0;--k8:#0a7d4b;--k9:#c0332b;--k10:#c46a00;--k11:#7a3fc4;--k12:#007e8a;
    --k13:#a8326f;--k14:#5c7a00;--k15:#8a5a3c}
    @media(prefers-color-scheme:dark){:root{--page:#0f1216;--card:#171b21;--ink:#e6e9ee;
    --dim:#98a2b0;--line:#2a313a;--good:#41c98a;--bad:#ff7a70;--warn:#f2c14e;--warnback:#2b2413;
    --k1:#262c35;--k2:#98a2b0;--k3:#6ea0ff;--k4:#6c7684;--k5:#ff7a70;--k6:#b9c1cc;
    --k7:#6ea0ff;--k8:#41c98a;--k9:#ff7a70;--k10:#f2a24e;--k11:#b48cff;--k12:#4ecbd6;
    --k13:#f07db4;--k14:#a9c74b;--k15:#cf9f7d}}
    *{box-sizing:border-box}
    body{margin:0 auto;padding:32px 24px 48px;max-width:1160px;background:var(--page);
    color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",
    "Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
    h1{margin:0;font-size:30px;line-height:1.2;letter-spacing:-.01em;overflow-wrap:anywhere}
    h2{margin:0 0 12px;font-size:17px}
    h3{margin:0 0 6px;font-size:12px;text-transform:uppercase;letter-spacing:.06em;color:var(--dim)}
    .kicker{margin:0 0 4px;font-size:12px;text-transform:uppercase;letter-spacing:.08em;
    color:var(--dim)}
    .lead{margin:8px 0 0;color:var(--dim);white-space:pre-wrap}.lead strong{color:var(--ink)}
    .small{margin:12px 0 0;font-size:13px;color:var(--dim)}
    header{margin-bottom:20px}.small+.groups{margin-top:16px}
    .groups+h3{margin-top:20px}section>ul:last-child{margin-bottom:0}
    section,figure{margin:0 0 16px;padding:20px;background:var(--card);
    border:1px solid var(--line);border-radius:10px}
    .chips{display:flex;flex-wrap:wrap;gap:6px;margin:14px 0 0;padding:0;list-style:none}
    .chips li{padding:2px 10px;border:1px solid var(--line);border-radius:99px;
    background:var(--card);font-size:13px;overflow-wrap:anywhere}.chips span{color:var(--dim)}
    .warnings{background:var(--warnback);border-color:var(--warn)}.warnings h2{color:var(--warn)}
    .warnings ul{margin:0;padding-left:20px;overflow-wrap:anywhere}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));padding:0;
    overflow:hidden}
    .tile{display:flex;flex-direction:column;padding:14px 12px;
    box-shadow:1px 0 var(--line),0 1px var(--line)}
    .label{font-size:12px;color:var(--dim);white-space:nowrap}
    .value{font-size:20px;font-weight:600;letter-spacing:-.01em;overflow-wrap:anywhere}
    .good{color:var(--good)}.bad{color:var(--bad)}
    figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 20px}
    .legend{display:flex;flex-wrap:wrap;gap:2px 14px;margin:0 0 8px;padding:0;list-style:none;
    font-size:13px;color:var(--dim)}
    .legend li{overflow-wrap:anywhere}
    .legend i{display:inline-block;width:12px;height:3px;margin:0 6px 3px 0;border-radius:2px;
    vertical-align:middle;background:var(--c)}
    .chart{display:block;width:100%;height:auto;font-size:12px;overflow:visible}
    .chart path{fill:none;stroke:var(--c);stroke-linejoin:round;vector-effect:non-scaling-stroke}
    .chart path.k1{shape-rendering:crispEdges}
    .chart path.mark{fill:var(--c);stroke:var(--card);stroke-width:.9}
    .chart path.dots{stroke-linecap:round;vector-effect:none}
    .chart polygon{fill:var(--c);fill-opacity:.18;stroke:none}
    .chart text{fill:var(--c);font-family:inherit}
    .k1{--c:var(--k1)}.k2{--c:var(--k2)}.k3{--c:var(--k3)}.k4{--c:var(--k4)}.k5{--c:var(--k5)}
    .k6{--c:var(--k6)}.k7{--c:var(--k7)}.k8{--c:var(--k8)}.k9{--c:var(--k9)}.k10{--c:var(--k10)}
    .k11{--c:var(--k11)}.k12{--c:var(--k12)}.k13{--c:var(--k13)}.k14{--c:var(--k14)}
    .k15{--c:var(--k15)}
    table{border-collapse:collapse;width:100%}
    .groups{display:grid;grid-template-columns:repeat(auto-fit,minmax(290px,1fr));gap:20px 36px}
    .pairs th{padding:4px 12px 4px 0;font-weight:400;text-align:left;color:var(--dim);
    overflow-wrap:anywhere}
    .pairs td{padding:4px 0;text-align:right;overflow-wrap:anywhere}
    .pairs+h3{margin-top:20px}
    .pairs tr+tr{border-top:1px solid var(--line)}
    .hashes{margin-top:20px;font-size:13px}
    .hashes td{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:12px}
    .scroll{max-height:560px;overflow:auto;border:1px solid var(--line);border-radius:6px}
    .list{font-size:13px;white-space:nowrap}
    .list th{position:sticky;top:0;padding:8px 10px;background:var(--card);color:var(--dim);
    font-weight:500;text-align:right;box-shadow:inset 0 -1px var(--line)}
    .list td{padding:4px 10px;text-align:right}.list .word{text-align:left}
    .trades th:nth-child(2),.trades th:nth-child(n+14),.words th:first-child{text-align:left}
    .words:has(td.word:nth-child(2)) th:nth-child(2){text-align:left}
    .words:has(td.word:nth-child(3)) th:nth-child(3){text-align:left}
    .words:has(td.word:nth-child(5)) th:nth-child(5){text-align:left}
    .months tbody th{text-align:left;font-weight:600;box-shadow:none}
    .months td{padding:4px 8px}
    .rise{background:color-mix(in srgb,var(--good) var(--h),transparent)}
    .fall{background:color-mix(in srgb,var(--bad) var(--h),transparent)}
    .list tbody tr:nth-child(even){background:color-mix(in srgb,var(--line) 35%,transparent)}
    summary{cursor:pointer;font-weight:600}
    pre{margin:12px 0 0;max-height:420px;overflow:auto;font:12px/1.6 ui-monospace,
    "DejaVu Sans Mono",monospace}
    footer{font-size:12px;color:var(--dim);overflow-wrap:anywhere;white-space:pre-wrap}
    @media(max-width:700px){body{padding:20px 12px}.chart{font-size:17px}}
    @media print{body{max-width:none;padding:0;font-size:11px}section,figure{break-inside:avoid}
    .scroll{max-height:none;overflow:visible}section:has(.list){break-inside:auto}}

    """
