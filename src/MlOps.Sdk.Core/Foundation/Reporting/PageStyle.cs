namespace MlOps.Sdk.Reporting;

/// <summary>How pages look: light and dark by the reader's setting, from the width of a phone to that of a desk.</summary>
internal static class PageStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1c2430;
        --soft:#5b6675;--line:#dfe3e8;--main:#2f6fd0;--other:#e08a2b;
        --good:#1d7547;--warn:#8f5500;--bad:#b93124;--faint:#e9edf3}
        @media(prefers-color-scheme:dark){
        :root{--page:#14181f;--card:#1d232c;--ink:#e8ecf2;
        --soft:#9aa6b5;--line:#313a47;--main:#6ea3f0;--other:#eda75a;
        --good:#5cc48d;--warn:#e0a44a;--bad:#ef7d70;--faint:#283140}
        svg text.on:not(.most){fill:var(--ink)!important}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
        h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:19px;margin:36px 0 12px;scroll-margin-top:12px;overflow-wrap:anywhere}
        h3{font-size:16px;margin:0;overflow-wrap:anywhere}
        p{margin:6px 0}
        .soft{color:var(--soft)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
        .tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
        nav{display:flex;flex-wrap:wrap;gap:6px 16px;margin:14px 0 0;font-size:14px}
        a{color:var(--main)}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:14px}
        .cards.wide{grid-template-columns:repeat(auto-fill,minmax(min(480px,100%),1fr))}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
        .card header{display:flex;justify-content:space-between;align-items:baseline;gap:10px;margin-bottom:8px}
        .tag{color:var(--soft);font-size:12px;white-space:nowrap}
        .tag.good,.tag.warn,.tag.bad,.tag.label{border:1px solid;border-radius:99px;padding:0 9px}
        .card p{font-size:14px;overflow-wrap:anywhere}
        .card>*:last-child{margin-bottom:0}
        dl{display:grid;grid-template-columns:fit-content(48%) 1fr;gap:2px 12px;margin:10px 0 0;font-size:13px}
        dt{color:var(--soft)}
        dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
        table{border-collapse:collapse;width:100%;font-size:14px}
        th,td{padding:7px 12px;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
        td{overflow-wrap:break-word;max-width:560px}
        th{color:var(--soft);font-weight:600;white-space:nowrap}
        tr:last-child td{border-bottom:0}
        th.n{text-align:right}
        td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        ul{margin:8px 0;padding-left:20px}
        li{margin:3px 0;overflow-wrap:anywhere}
        .good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
        svg{display:block;width:100%;height:auto;overflow:visible}
        svg text{font:11px system-ui,sans-serif;fill:var(--soft)}
        svg text.v{fill:var(--ink)}svg text.c{font-size:10px;fill:var(--ink);text-anchor:middle}svg text.on{fill:var(--card)}
        .main{fill:var(--main)}.other{fill:var(--other)}.faint{fill:var(--faint)}
        .grid,.base,.line{fill:none;stroke:var(--line)}
        .base{stroke:var(--soft);stroke-dasharray:4 4}.line{stroke:var(--main);stroke-width:2;stroke-linejoin:round}
        .band{fill:var(--main);opacity:.18}
        .matrix td,.matrix th{padding:6px 8px;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .matrix th{border-bottom:0;vertical-align:bottom}.matrix th:first-child{position:sticky;left:0;background:var(--card)}
        .matrix span{writing-mode:vertical-rl;transform:rotate(180deg)}
        .matrix td{background:color-mix(in srgb,var(--main) var(--o),transparent);border:1px solid var(--card)}
        .card .scroll{border:0}
        .alarm{background:var(--card);border:1px solid var(--bad);border-left-width:5px;
        border-radius:8px;padding:10px 14px;overflow-wrap:anywhere}
        .gap{height:12px}
        details{margin-top:36px}
        summary{cursor:pointer;font-size:19px;font-weight:600;margin-bottom:12px}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(270px,100%),1fr));gap:14px}
        .plots>.all{grid-column:1/-1}@media(min-width:1000px){.plots>.all{grid-column:1/-2}}
        .plots>.all~.card{align-self:start}
        .plots svg{max-width:400px;margin:0 auto}
        dl.facts{grid-template-columns:repeat(auto-fill,minmax(min(250px,100%),1fr));gap:10px 20px;font-size:14px}
        .facts dd{text-align:left}
        @media(max-width:600px){td{overflow-wrap:anywhere}.matrix td,.matrix th{padding:4px 5px;font-size:12px}
        .stack tr:first-child{display:none}
        .stack tr{display:block;padding:6px 0;border-bottom:1px solid var(--line)}
        .stack tr:last-child{border-bottom:0}.stack td:empty{display:none!important}
        .stack td,.stack td.n{display:grid;grid-template-columns:minmax(84px,30%) 1fr;gap:10px;padding:2px 12px;border:0;max-width:none;
        text-align:left;white-space:normal;overflow-wrap:anywhere}
        .stack td:first-child{font-weight:600}.stack td::before{font-weight:400;content:attr(data-of);color:var(--soft)}}
        .tag.label:not(.good,.warn,.bad){color:var(--main)}.card.label{border-color:var(--main);border-width:2px}
        .trio{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:0 14px;align-items:start}
        .trio>div{min-width:0;display:grid;grid-row:span 2;grid-template-rows:subgrid}.trio svg{max-width:480px}
        .trio h2{align-self:end}.trio .card{align-self:start}
        .map{padding:12px;display:inline-block;max-width:100%;vertical-align:top}
        .map svg{max-width:none}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:14px;align-items:start}
        .pair>*{min-width:0}
        .legend{display:flex;flex-wrap:wrap;gap:4px 16px;overflow-wrap:anywhere;font-size:12px;color:var(--soft);margin:2px 0 6px}
        .legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px;vertical-align:-1px}
        """;
}
