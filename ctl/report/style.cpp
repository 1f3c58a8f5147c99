// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/style.hpp"

namespace gnomon::ctl {

std::string_view report_style() {
  return R"css(
:root{color-scheme:light dark;--paper:#fbfbf9;--card:#fff;--ink:#1b1f24;--soft:#59636e;--rule:#e4e6e8;--edge:#d5d8dc;
--a:#0b62a8;--b:#8a3f8f;--c:#0f766e;--good:#1a7f37;--warn:#9a5b00;--bad:#c42b1c}
@media (prefers-color-scheme:dark){:root{--paper:#14171a;--card:#1c2024;--ink:#e7eaed;--soft:#a2abb4;--rule:#2c3237;
--edge:#363d44;--a:#6cb6ff;--b:#d7a3e0;--c:#5fd0c0;--good:#57c46f;--warn:#e0a53a;--bad:#ff7b6b}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
-webkit-text-size-adjust:100%}
main,header,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
h1{font-size:1.6rem;line-height:1.25;margin:0;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.05rem;line-height:1.35;margin:0;font-weight:650;overflow-wrap:anywhere}
p{margin:.35rem 0}
.when{color:var(--soft);margin:.2rem 0 0}
.verdict{display:flex;gap:.8rem;align-items:flex-start;margin:1.25rem 0;padding:.9rem 1.1rem;background:var(--card);
border:1px solid var(--edge);border-left:5px solid var(--bad);border-radius:8px}
.verdict.good{border-left-color:var(--good)}
.verdict b{display:block}
.verdict p{margin:.15rem 0 0;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1px;margin:0 0 1.5rem;padding:0;
background:var(--edge);border:1px solid var(--edge);border-radius:8px;overflow:hidden}
.facts div{background:var(--card);padding:.7rem 1rem}
.facts dt{color:var(--soft);font-size:.82rem}
.facts dd{margin:0;font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
figure,section{margin:0 0 1.25rem;padding:1rem 1.1rem .8rem;background:var(--card);border:1px solid var(--edge);border-radius:8px;
min-width:0}
figcaption p,section p,.lead{color:var(--soft);font-size:.9rem;max-width:46rem}
.plot{display:grid;grid-template-columns:4.6rem minmax(0,1fr);margin-top:.7rem}
.plot svg{display:block;width:100%;height:var(--h);grid-column:2}
.y{position:relative;height:var(--h);grid-column:1;grid-row:1}
.y span{position:absolute;right:.55rem;transform:translateY(-50%)}
.x{position:relative;height:1.5rem;grid-column:2}
.x span{position:absolute;top:.3rem;transform:translateX(-50%)}
.x span,.y span{font-size:.75rem;line-height:1;color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
svg{overflow:visible}
svg path{fill:none;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.grid{stroke:var(--rule);stroke-width:1}
.zero{stroke:var(--soft);stroke-width:1}
.line{stroke-width:1.6;stroke-linecap:round}
svg .area{stroke:none;opacity:.16}
.line.a{stroke:var(--a)}svg .area.a{fill:var(--a)}
.line.b{stroke:var(--b);stroke-width:1.2}svg .area.b{fill:var(--b)}
.line.c{stroke:var(--c)}svg .area.c{fill:var(--c);opacity:.22}
.mark{stroke:var(--bad);stroke-width:1;stroke-dasharray:2 3}
.bar{stroke-width:2}
.bar.info{stroke:var(--soft)}.bar.warning{stroke:var(--warn);stroke-width:3}.bar.error{stroke:var(--bad);stroke-width:4}
.dots{stroke-linecap:round;stroke-width:3.4}
.dots.used{stroke:var(--a);stroke-opacity:.6}
.dots.refused{stroke:var(--bad);stroke-linecap:square;stroke-width:4;stroke-opacity:.75}
.wedge{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:5 4}
.band{display:grid;grid-template-columns:4.6rem minmax(0,1fr);margin-top:.55rem}
.band p{grid-column:2;max-width:none;display:flex;gap:1rem;justify-content:space-between;margin:0 0 .15rem;font-size:.85rem;line-height:1.3}
.band bdi{overflow-wrap:anywhere;min-width:0}
.band span{color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
.band svg{grid-column:2;display:block;width:100%;height:20px}
.track{stroke:var(--rule);stroke-width:1}
.s{stroke:var(--soft)}
.s.selected{stroke:var(--good);stroke-width:18}
.s.combined{stroke:var(--good);stroke-width:9;stroke-opacity:.75}
.s.selectable{stroke-width:5}
.s.jittery{stroke:var(--warn);stroke-width:9;stroke-dasharray:6 3}
.s.falseticker{stroke:var(--bad);stroke-width:14;stroke-dasharray:3 2}
.s.unselectable{stroke-width:2}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:.6rem 0 0;padding:0;list-style:none;font-size:.82rem;color:var(--soft)}
.key li{display:flex;align-items:center;gap:.45rem}
.key svg{width:2.2rem;height:20px;flex:none}
.many{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr));gap:1.25rem;margin-top:1rem}
.many figure{margin:0}
.wide{overflow-x:auto;margin-top:.6rem}
table{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.4rem .7rem;border-bottom:1px solid var(--rule);white-space:nowrap}
th{color:var(--soft);font-weight:500}
tr:last-child td,tr:last-child th{border-bottom:0}
th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;overflow-wrap:anywhere;min-width:9rem}
.log{list-style:none;margin:.6rem 0 0;padding:0;font-size:.88rem}
.log li{display:grid;grid-template-columns:12.5rem 5rem minmax(0,1fr);gap:.8rem;padding:.3rem 0;border-bottom:1px solid var(--rule)}
.log li:last-child{border-bottom:0}
.log time{color:var(--soft);font-variant-numeric:tabular-nums}
.log bdi{overflow-wrap:anywhere}
.log .warning{color:var(--warn);font-weight:600}.log .error{color:var(--bad);font-weight:600}.log .info{color:var(--soft)}
footer{padding-top:.5rem;padding-bottom:2.5rem;color:var(--soft);font-size:.85rem}
@media (max-width:40rem){main,header,footer{padding-left:.8rem;padding-right:.8rem}header{padding-top:1.2rem}
h1{font-size:1.3rem}figure,section{padding:.8rem .8rem .6rem}.plot,.band{grid-template-columns:3.9rem minmax(0,1fr)}
.x span:nth-child(even){display:none}.facts{grid-template-columns:1fr 1fr}.facts dd{font-size:1.05rem}
.log li{grid-template-columns:1fr auto;gap:.1rem .8rem}.log bdi{grid-column:1/3}}
@media print{body{background:#fff}figure,section{break-inside:avoid}}
)css";
}

}  // namespace gnomon::ctl
