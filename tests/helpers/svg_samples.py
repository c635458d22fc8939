"""Small SVGs, each of one feature, and what is to become of them: drawn as a browser draws it, or refused by name."""

from typing import Final

HEAD: Final = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 150 100">\n{}\n</svg>'
ARROW: Final = (
    '<marker id="a" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="6" markerHeight="6" orient="{}">'
    '<path d="M0 0L10 5L0 10z" fill="#c00"/></marker>'
)
AUTO: Final = ARROW.format("auto")
LINE: Final = 'fill="none" stroke="#333" stroke-width="4"'
ALL: Final = 'marker-start="url(#a)" marker-mid="url(#a)" marker-end="url(#a)"'
BARS: Final = '<rect width="50" height="100" fill="#c00"/><rect x="50" width="50" height="100" fill="#06c"/>'
DOT: Final = (  # a PNG of 60 × 60 pixels: red, green, blue, yellow
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAADwAAAA8AgMAAABHkjHhAAAADFBMVEXMAAAAoAAAAMz/zAAvRriaAAAAHklEQVR42mNkgADWAAjNxIAKRvlDm8+4ajR+hzMfAPlTAcvHRHjvAAAAAElFTkSuQmCC"
)
PURE: Final = (
    '<linearGradient id="g"><stop offset="0" stop-color="#c00"/><stop offset="1" stop-color="#00c"/></linearGradient>'
)

SAME: Final[dict[str, str]] = {
    # Markers
    "arrow-quadratic": f'{AUTO}<path d="M15 80 Q75 -20 135 80" {LINE} {ALL}/>',
    "arrow-smooth-quadratic": f'{AUTO}<path d="M15 50 Q40 0 75 50 T135 50" {LINE} {ALL}/>',
    "arrow-arc": f'{AUTO}<path d="M30 80 A45 45 0 0 1 120 80" {LINE} {ALL}/>',
    "arrow-relative-arc": f'{AUTO}<path d="m120 20 a50 50 0 0 1 -90 30" {LINE} {ALL}/>',
    "arrow-large-arc": f'{AUTO}<path d="M60 30 A30 30 0 1 0 90 30" {LINE} {ALL}/>',
    "arrow-rotated-arc": f'{AUTO}<path d="M30 70 A60 20 30 0 1 120 60" {LINE} {ALL}/>',
    "arrow-cubic": f'{AUTO}<path d="M15 80 C40 -20 110 -20 135 80" {LINE} {ALL}/>',
    "arrow-smooth-cubic": f'{AUTO}<path d="M15 50 C25 5 45 5 75 50 S125 95 135 20" {LINE} {ALL}/>',
    "arrow-flat-cubic": f'{AUTO}<path d="M15 80 C15 80 135 20 135 20" {LINE} {ALL}/>',
    "arrow-steps": f'{AUTO}<path d="M15 20 H100 V80 h-60 v-30" {LINE} {ALL}/>',
    "arrow-line": f'{AUTO}<line x1="125" y1="80" x2="25" y2="20" {LINE} {ALL}/>',
    "arrow-polyline": f'{AUTO}<polyline points="15,80 75,20 135,80 75,70" {LINE} {ALL}/>',
    "arrow-polygon": f'{AUTO}<polygon points="25,80 75,20 125,80" {LINE} {ALL}/>',
    "arrow-backwards": f'{AUTO}<polyline points="20,50 120,50 60,50" {LINE} marker-mid="url(#a)"/>',
    "arrow-mixed": f'{AUTO}<path d="M15,80l20-60c10,0,30,20,30,50q20,20,70-20" {LINE} {ALL}/>',
    "arrow-closed": f'{AUTO}<path d="M30 80 L75 20 L120 80 Z" {LINE} {ALL}/>',
    "arrow-two-moves": f'{AUTO}<path d="M40 40 m20 20 a30 20 0 0 1 50 10" {LINE} {ALL}/>',
    "arrow-parts": f'{AUTO}<path d="M20 20 L60 40 M80 60 L130 50" {LINE} {ALL}/>',
    "arrow-after-close": f'{AUTO}<path d="M20 80 L40 20 L60 80 Z L130 50" {LINE} {ALL}/>',
    "arrow-reversed": f'{ARROW.format("auto-start-reverse")}<path d="M20 20 L75 80 L130 30" {LINE} {ALL}/>',
    "arrow-angle": f'{ARROW.format("45")}<path d="M20 20 L75 80 L130 30" {LINE} {ALL}/>',
    "arrow-turns-round": f'{AUTO}<path d="M130 50 L75 52 L20 50" {LINE} {ALL}/>',
    "arrow-css": f"{AUTO}<style>.l{{marker-end:url(#a);stroke:#333;stroke-width:4}}</style><path class='l' d='M125 20 L25 80'/>",
    "arrow-shorthand": f"{AUTO}<path style='marker:url(#a);stroke:#333;stroke-width:4;fill:none' d='M125 20 L75 80 L25 20'/>",
    "arrow-missing": f'<path d="M125 20 L25 80" {LINE} marker-end="url(#nowhere)"/>',
    "arrow-user-space": (
        '<marker id="a" markerUnits="userSpaceOnUse" markerWidth="30" markerHeight="20" refX="15" refY="10" orient="auto">'
        f'<rect width="30" height="20" fill="#c00"/></marker><path d="M20 20 L75 80 L130 30" {LINE} {ALL}/>'
    ),
    "arrow-cut-off": (
        '<marker id="a" viewBox="0 0 10 10" markerWidth="5" markerHeight="5"><circle r="9" fill="#c00"/></marker>'
        f'<path d="M20 30 L75 60 L130 30" {LINE} {ALL}/>'
    ),
    "arrow-overflow": (
        '<marker id="a" viewBox="0 0 10 10" markerWidth="5" markerHeight="5" overflow="visible"><circle r="9" fill="#c00"/></marker>'
        f'<path d="M20 30 L75 60 L130 30" {LINE} {ALL}/>'
    ),
    "arrow-fit": (
        '<marker id="a" viewBox="0 0 20 10" markerWidth="8" markerHeight="8" preserveAspectRatio="xMaxYMin" refX="10" refY="5">'
        f'<rect width="20" height="10" fill="#c00"/></marker><path d="M40 30 L110 60" {LINE} {ALL}/>'
    ),
    "arrow-context": (
        '<marker id="a" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0 0L10 5L0 10z" fill="context-stroke"/></marker>'
        '<path d="M20 30 L110 60" stroke="#06c" stroke-width="5" marker-end="url(#a)"/>'
    ),
    "arrow-inherits-where-defined": (
        '<g fill="#0a0"><marker id="a" viewBox="0 0 9 9" markerWidth="6" markerHeight="6"><rect width="9" height="9"/></marker></g>'
        f'<g fill="#c00"><path d="M20 30 L110 60" stroke="#333" stroke-width="4" {ALL}/></g>'
    ),
    # Path data
    "packed-flags": '<path d="M50 20a30 30 0 0110 10 20 20 0 01.5.5a9 9 0 1115-15" fill="none" stroke="#333" stroke-width="3"/>',
    "packed-numbers": '<path d="M10-5.5.5 60.5 9e1-3e-1L100 90 1.2e2,10-.5-.5" fill="none" stroke="#333" stroke-width="3"/>',
    "arc-too-small": '<path d="M20 50A10 5 0 0 1 130 50" fill="none" stroke="#333" stroke-width="3"/>',
    "arc-without-radius": '<path d="M20 50A0 5 0 0 1 130 80" fill="none" stroke="#333" stroke-width="3"/>',
    "arc-negative-radius": '<path d="M20 50A-60 40 0 0 1 130 50" fill="#06c"/>',
    "close-and-relative": '<path d="M20 20h40v40h-40z m60 0h30v60h-30z l20 60" fill="#06c" stroke="#333"/>',
    "even-odd": '<path fill-rule="evenodd" d="M10 10h100v80h-100zM30 30h60v40h-60z" fill="#06c"/>',
    "non-zero": '<path d="M10 10h100v80h-100zM30 30h60v40h-60zM40 40v20h40v-20z" fill="#06c"/>',
    # Shapes
    "rounded": '<rect x="10" y="10" width="60" height="80" rx="20" fill="#06c"/><rect x="80" y="10" width="60" height="80" ry="15" rx="40"/>',
    "ellipses": '<ellipse cx="40" cy="50" rx="30" ry="40" fill="#06c"/><circle cx="110" cy="50" r="30" fill="#c00"/>',
    "ellipse-auto": '<ellipse cx="40" cy="50" rx="30" fill="#06c"/><ellipse cx="110" cy="50" ry="30" rx="0"/>',
    "percentages": '<rect x="10%" y="10%" width="50%" height="80%" fill="#06c"/><circle cx="80%" cy="50%" r="15%"/>',
    "units": '<rect x="2mm" y="3mm" width="1cm" height="0.5in" fill="#06c"/><circle cx="80pt" cy="3pc" r="5mm" stroke-width="2pt"/>',
    "css-geometry": "<style>rect{x:10px;y:20px;width:90px;height:50px;rx:10px;fill:#06c}</style><rect/>",
    "bad-sizes": '<rect width="-5" height="40"/><circle r="0" cx="20" cy="20"/><rect x="40" y="20" width="60" height="60" fill="#06c"/>',
    # Colours and CSS
    "colours": (
        '<rect width="50" height="50" fill="hsl(120 60% 40%)"/><rect x="50" width="50" height="50" fill="rgb(255 0 0 / 50%)"/>'
        '<rect x="100" width="50" height="50" fill="RebeccaPurple"/><rect y="50" width="50" height="50" fill="#0068"/>'
        '<rect x="50" y="50" width="50" height="50" fill="rgba(0,102,204,.4)"/>'
        '<rect x="100" y="50" width="50" height="50" fill="hwb(30 20% 10%)"/>'
    ),
    "current-colour": (
        '<g color="#c00"><rect width="60" height="60" fill="currentColor"/><g style="color:#06c">'
        '<rect x="70" width="60" height="60" fill="currentcolor" stroke="currentColor"/></g></g>'
    ),
    "cascade": (
        "<style>rect{fill:#c00} .a{fill:#0a0} #b{fill:#06c} rect.i{fill:#ccc!important} g > rect + rect{stroke:#000;stroke-width:6}"
        "@charset 'x';</style><g><rect class='a' width='50' height='50' fill='#fff'/><rect id='b' class='a' x='55' width='40' height='50'/>"
        "<rect class='i' x='100' width='40' height='50' style='fill:#000'/></g><rect y='55' width='50' height='40' style='fill:#ff0'/>"
    ),
    "css-pseudo": (
        "<style>g :first-child{fill:#c00} g :nth-child(2n){fill:#06c} rect:not(.x):last-of-type{stroke:#000} rect:hover{fill:#fff}"
        "[data-x]{opacity:.5}</style><g><rect width='40' height='40'/><rect x='50' width='40' height='40'/>"
        "<rect x='100' data-x='1' width='40' height='40'/></g>"
    ),
    "variables": (
        "<style>:root{--skin:#f0b46c;--a:var(--skin)} g{--skin:#c00}</style><rect width='50' height='50' fill='var(--a)'/>"
        "<g><rect x='60' width='50' height='50' style='fill:var(--skin);stroke:var(--none, rgb(0, 0, 255))'/></g>"
        "<rect y='60' width='50' height='30' style='fill:var(--missing)'/>"
    ),
    "light-dark": "<rect width='90' height='50' fill='#000' style='fill:light-dark(rgb(0, 102, 204), #fff)'/>",
    "inherit-and-initial": (
        "<g fill='#c00' stroke='#06c' stroke-width='8'><rect x='10' y='10' width='40' height='40' style='fill:inherit'/>"
        "<rect x='60' y='10' width='40' height='40' style='fill:initial;stroke:unset'/></g>"
    ),
    "hidden": (
        '<g visibility="hidden"><rect width="50" height="50"/><rect x="60" width="40" height="50" visibility="visible" fill="#06c"/></g>'
        '<g display="none"><rect width="150" height="100" display="inline"/></g>'
    ),
    # Strokes
    "caps-and-joins": (
        '<g fill="none" stroke="#333" stroke-width="12"><path d="M20 20L50 80L80 20" stroke-linecap="round" stroke-linejoin="round"/>'
        '<path d="M90 20L110 80L130 20" stroke-linecap="square" stroke-linejoin="bevel"/></g>'
    ),
    "miter": '<g fill="none" stroke="#333" stroke-width="8"><path d="M20 90L30 30L40 90"/><path d="M80 90L90 30L100 90" stroke-miterlimit="20"/></g>',
    "dashes": (
        '<g stroke="#333" stroke-width="6"><path d="M10 20H140" stroke-dasharray="20 5 3"/>'
        '<path d="M10 50H140" stroke-dasharray="10%,5%" stroke-dashoffset="-7"/><path d="M10 80H140" stroke-dasharray="12" stroke-dashoffset="5"/></g>'
    ),
    "dots": '<path d="M20 50h0M75 50h0M130 50z" stroke="#06c" stroke-width="20" stroke-linecap="round"/>',
    "stroke-order": '<path d="M20 20H130V80H20Z" fill="#fc0" stroke="#06c" stroke-width="20" paint-order="stroke"/>',
    "stroke-percent": '<path d="M20 50H130" stroke="#06c" stroke-width="10%"/>',
    "stroke-scaled": '<g transform="scale(3 1)"><circle cx="25" cy="50" r="15" fill="none" stroke="#06c" stroke-width="6"/></g>',
    # Transforms
    "transforms": (
        '<g transform="translate(30,10) rotate(20) scale(.8,1.2) skewX(10)"><rect width="60" height="40" fill="#06c"/></g>'
        '<rect transform="rotate(30 110 50)" x="90" y="30" width="40" height="40" fill="#c00"/>'
        '<rect transform="matrix(1 .2 -.3 1 30 60)" width="40" height="20"/>'
    ),
    "css-transform": "<rect style='transform:translate(40px,20px) rotate(0.1turn)' width='50' height='40' fill='#06c'/>",
    "flat": '<g transform="scale(0 1)"><rect width="50" height="50"/></g><rect x="60" width="50" height="50" fill="#06c"/>',
    # Structure
    "use": '<defs><rect id="r" width="40" height="40"/></defs><use href="#r" x="10" y="10" fill="#c00"/><use xlink:href="#r" x="90" y="50" fill="#06c"/>',
    "use-styled-where-defined": (
        "<style>g.d rect{fill:#0a0} .u rect{fill:#c00}</style><defs><g class='d' id='r'><rect width='40' height='40'/></g></defs>"
        "<g class='u'><use href='#r' x='10' y='10'/></g>"
    ),
    "symbol": (
        '<symbol id="s" viewBox="0 0 10 20" preserveAspectRatio="xMinYMax"><rect x="-5" width="20" height="20" fill="#06c"/></symbol>'
        '<use href="#s" width="60" height="60" x="10" y="10"/><use href="#s" width="60" height="30" x="80" y="10"/>'
    ),
    "nested-svg": (
        '<svg x="20" y="10" width="60" height="80" viewBox="0 0 10 10"><rect x="-50" width="100" height="10" fill="#06c"/>'
        '<rect width="50%" height="50%" fill="#c00"/></svg><svg x="90" overflow="visible" width="20" height="20"><circle r="30"/></svg>'
    ),
    "slice": '<svg x="20" y="10" width="100" height="40" viewBox="0 0 10 10" preserveAspectRatio="xMidYMid slice"><circle cx="5" cy="5" r="5" fill="#06c"/></svg>',
    "switch": (
        '<switch><foreignObject requiredExtensions="http://ns.adobe.com/x" width="150" height="100"/>'
        '<g><rect width="60" height="60" fill="#06c"/></g><g><rect width="150" height="100" fill="#c00"/></g></switch>'
    ),
    "groups-with-opacity": f'<g opacity=".5">{BARS}<circle cx="50" cy="50" r="30"/></g><circle opacity=".3" cx="120" cy="50" r="25" stroke="#c00" stroke-width="9"/>',
    "opacity-percent": '<rect width="60" height="60" opacity="40%"/><rect x="70" width="60" height="60" fill-opacity="30%" stroke="#000" stroke-opacity=".4" stroke-width="16"/>',
    "opacity-behind-closed": '<g opacity=".5"><path d="M10 10h20v20h-20z l100 70" stroke="#06c" stroke-width="20" stroke-linecap="square"/></g>',
    # Clips and masks
    "clip": f'<clipPath id="c"><circle cx="50" cy="50" r="40"/></clipPath><g clip-path="url(#c)">{BARS}</g>',
    "clip-moved": f'<clipPath id="c" transform="translate(20 0)"><rect width="40" height="50" transform="rotate(20)"/><circle cx="70" cy="70" r="20" transform="scale(1.1)"/></clipPath><g clip-path="url(#c)">{BARS}</g>',
    "clip-rule": f'<clipPath id="c"><path clip-rule="evenodd" d="M0 0h90v90h-90zM20 20h50v50h-50z"/></clipPath><g clip-path="url(#c)">{BARS}</g>',
    "clip-units": '<clipPath id="c" clipPathUnits="objectBoundingBox"><circle cx=".5" cy=".5" r=".5"/></clipPath><rect x="20" y="10" width="110" height="80" fill="#06c" clip-path="url(#c)"/><path clip-path="url(#c)" d="M0 0h20v20h-20z"/>',
    "clip-used": f'<defs><rect id="r" x="10" y="10" width="60" height="60"/></defs><clipPath id="c"><use href="#r" style="overflow:visible"/></clipPath><g clip-path="url(#c)">{BARS}</g>',
    "clip-clipped": f'<clipPath id="d"><rect width="60" height="100"/></clipPath><clipPath id="c" clip-path="url(#d)"><circle cx="60" cy="50" r="40"/></clipPath><g clip-path="url(#c)">{BARS}</g>',
    "clip-empty": f'<clipPath id="c"/><g clip-path="url(#c)">{BARS}</g><rect x="110" width="30" height="30"/>',
    "clip-missing": f'<g clip-path="url(#nowhere)">{BARS}</g>',
    "clip-transformed": f'<clipPath id="c"><circle cx="30" cy="30" r="25"/></clipPath><g transform="translate(20 10) scale(1.3)" clip-path="url(#c)">{BARS}</g>',
    "mask-gradient": '<linearGradient id="g"><stop offset="0" stop-color="#fff"/><stop offset="1"/></linearGradient><mask id="m"><rect width="150" height="100" fill="url(#g)"/></mask><rect x="10" y="10" width="130" height="80" fill="#06c" mask="url(#m)"/>',
    "mask-group": f'<mask id="m"><rect width="150" height="100" fill="#fff"/><circle cx="50" cy="50" r="30"/></mask><g mask="url(#m)">{BARS}</g>',
    "mask-alpha": f'<mask id="m" style="mask-type:alpha" maskUnits="userSpaceOnUse" x="0" y="0" width="80" height="100"><circle cx="60" cy="50" r="40" fill="#000" fill-opacity=".6"/></mask><g mask="url(#m)">{BARS}</g>',
    "mask-region": f'<mask id="m" x="0" y="0" width=".5" height=".5"><rect width="150" height="100" fill="#fff"/></mask><g mask="url(#m)">{BARS}</g>',
    "mask-units": '<mask id="m" maskContentUnits="objectBoundingBox"><circle cx=".5" cy=".5" r=".4" fill="#fff"/></mask><rect x="20" y="10" width="110" height="80" fill="#06c" mask="url(#m)"/>',
    "mask-half-grey": f'<mask id="m"><rect width="150" height="100" fill="#888"/></mask><g mask="url(#m)" opacity=".8">{BARS}</g>',
    # Gradients and patterns
    "linear": f'{PURE}<rect x="10" y="10" width="130" height="80" fill="url(#g)"/>',
    "linear-href": '<linearGradient id="a"><stop offset="0" stop-color="#c00"/><stop offset="1" stop-color="#00c"/></linearGradient><linearGradient id="b" xlink:href="#a" x1="20" y1="0" x2="130" y2="0" gradientUnits="userSpaceOnUse"/><rect x="10" y="10" width="130" height="80" fill="url(#b)"/>',
    "linear-moved": '<linearGradient id="g" x1="0" x2="0" y1="314" y2="348" gradientUnits="userSpaceOnUse"><stop offset="0%" stop-color="#5BCEFA"/><stop offset="50%" stop-color="#F5A9B8"/><stop offset="100%" stop-color="#333"/></linearGradient><g transform="translate(0,-310)"><rect x="20" y="314" width="110" height="34" fill="url(#g)"/></g><g transform="translate(0,-930) scale(3)"><rect x="4" y="322" width="40" height="18" fill="url(#g)"/></g>',
    "linear-turned": '<linearGradient id="g" gradientTransform="rotate(40)"><stop stop-color="#fff"/><stop offset=".6" stop-color="#06c"/></linearGradient><rect x="10" y="10" width="130" height="80" fill="url(#g)"/>',
    "linear-hard": '<linearGradient id="g"><stop offset=".3" stop-color="#c00"/><stop offset=".3" stop-color="#fc0"/><stop offset=".6" stop-color="#fc0"/><stop offset=".6" stop-color="#06c"/></linearGradient><rect x="10" y="10" width="130" height="80" fill="url(#g)"/>',
    "linear-falling": '<linearGradient id="g"><stop offset=".5" stop-color="#c00"/><stop offset=".2" stop-color="#fc0"/><stop offset="2" stop-color="#06c"/></linearGradient><rect x="10" y="10" width="130" height="80" fill="url(#g)"/>',
    "linear-stroke": f'{PURE}<path d="M20 20L75 80L130 20" fill="none" stroke="url(#g)" stroke-width="15"/>',
    "linear-faded": '<linearGradient id="g"><stop offset="0" stop-color="#c00"/><stop offset="1" stop-color="#c00" stop-opacity="0"/></linearGradient><rect y="40" width="150" height="20"/><rect x="10" y="10" width="130" height="80" fill="url(#g)" stroke="#000"/>',
    "linear-opacity": f'{PURE}<rect x="10" y="10" width="130" height="80" fill="url(#g)" fill-opacity=".4"/>',
    "linear-one-stop": '<linearGradient id="g"><stop offset=".5" stop-color="#c00"/></linearGradient><rect width="60" height="60" fill="url(#g)"/><linearGradient id="n"/><rect x="70" width="60" height="60" fill="url(#n)"/>',
    "linear-no-length": '<linearGradient id="g" x2="0"><stop offset="0" stop-color="#c00"/><stop offset="1" stop-color="#06c"/></linearGradient><rect width="60" height="60" fill="url(#g)"/>',
    "linear-flat-box": f'{PURE}<path d="M20 50H130" stroke="url(#g)" stroke-width="15"/><rect width="20" height="20"/>',
    "linear-current": '<g color="#06c"><linearGradient id="g"><stop stop-color="currentColor"/><stop offset="1" style="stop-color:#fff"/></linearGradient><rect width="130" height="60" fill="url(#g)"/></g>',
    "radial": '<radialGradient id="r" cx="50%" cy="50%" r="50%" fx="30%" fy="30%"><stop offset="0" stop-color="white"/><stop offset="1" stop-color="#b00"/></radialGradient><circle cx="75" cy="50" r="45" fill="url(#r)"/>',
    "radial-box": '<radialGradient id="r"><stop offset=".2" stop-color="#fc0"/><stop offset=".8" stop-color="#06c"/></radialGradient><rect x="5" y="20" width="140" height="60" fill="url(#r)"/>',
    "radial-user-space": '<radialGradient id="r" gradientUnits="userSpaceOnUse" cx="60" cy="40" r="50" fr="10" gradientTransform="rotate(10) scale(1 .7)"><stop offset="0" stop-color="#fc0"/><stop offset="1" stop-color="#06c"/></radialGradient><rect x="5" y="5" width="140" height="90" fill="url(#r)"/>',
    "radial-faded": '<radialGradient id="r"><stop offset="0" stop-color="#06c"/><stop offset="1" stop-color="#06c" stop-opacity="0"/></radialGradient><rect y="40" width="150" height="20" fill="#fc0"/><circle cx="75" cy="50" r="45" fill="url(#r)"/>',
    "paint-fallback": '<rect width="60" height="60" fill="url(#nowhere) #06c"/><rect x="70" width="60" height="60" fill="url(#nowhere)"/>',
    "pattern": '<pattern id="p" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="10" height="10" fill="#c00"/><circle cx="15" cy="15" r="4" fill="#06c"/></pattern><rect x="10" y="10" width="130" height="80" fill="url(#p)"/>',
    "pattern-moved": '<pattern id="p" x="7" y="5" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="12" height="6" fill="#c00"/></pattern><rect x="10" y="10" width="130" height="80" fill="url(#p)"/>',
    "pattern-turned": '<pattern id="p" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(30)"><path d="M0 0V10" stroke="#333" stroke-width="6"/></pattern><path d="M20 90L75 10L130 90Z" fill="url(#p)" stroke="#000"/>',
    "pattern-box": '<pattern id="p" width=".25" height=".5"><rect width="16" height="10" fill="#06c"/></pattern><rect x="10" y="10" width="130" height="80" fill="url(#p)"/>',
    "pattern-view": '<pattern id="p" width="30" height="30" patternUnits="userSpaceOnUse" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4" fill="#06c"/></pattern><rect x="10" y="10" width="130" height="80" fill="url(#p)" fill-opacity=".5"/>',
    "pattern-content-box": '<pattern id="p" width=".2" height=".2" patternContentUnits="objectBoundingBox"><rect width=".1" height=".1" fill="#06c"/></pattern><rect x="10" y="10" width="130" height="80" fill="url(#p)"/>',
    # Pictures
    "image": f'<image x="10" y="10" width="130" height="80" href="{DOT}"/>',
    "image-stretched": f'<image x="10" y="10" width="130" height="80" preserveAspectRatio="none" xlink:href="{DOT}"/>',
    "image-slice": f'<image x="10" y="10" width="130" height="40" preserveAspectRatio="xMidYMin slice" xlink:href="{DOT}"/>',
    "image-pattern": f'<defs><pattern id="p" patternContentUnits="objectBoundingBox" width="1" height="1"><use xlink:href="#i" transform="scale(.5)"/></pattern><image id="i" width="2" height="2" xlink:href="{DOT}"/></defs><rect x="10" y="10" width="80" height="80" fill="url(#p)"/>',
    "image-turned": f'<g transform="rotate(20 75 50)" opacity=".6"><image x="40" y="20" width="60" height="60" href="{DOT}"/></g>',
    # Several at once
    "all-in-one": '<clipPath id="c"><circle cx="50" cy="50" r="45"/></clipPath><mask id="m"><rect width="150" height="100" fill="#aaa"/></mask><g transform="translate(20 5) scale(.9)" clip-path="url(#c)" mask="url(#m)" opacity=".7"><rect width="50" height="100" fill="#c00"/><rect x="50" width="50" height="100" fill="#06c"/></g>',
    "mask-moved": '<mask id="m" maskUnits="userSpaceOnUse" x="0" y="0" width="60" height="60"><rect width="60" height="60" fill="#fff"/></mask><rect transform="translate(30 20) rotate(10)" width="90" height="60" mask="url(#m)" fill="#06c"/>',
    "mask-in-mask": '<mask id="n"><rect width="150" height="50" fill="#fff"/></mask><mask id="m"><g mask="url(#n)"><rect width="150" height="100" fill="#fff"/></g></mask><g mask="url(#m)"><rect width="50" height="100" fill="#c00"/><rect x="50" width="50" height="100" fill="#06c"/></g>',
    "use-gradient": '<linearGradient id="g"><stop stop-color="#c00"/><stop offset="1" stop-color="#00c"/></linearGradient><defs><rect id="r" width="40" height="40" fill="url(#g)"/></defs><use href="#r" x="10" y="10"/><use href="#r" transform="translate(70 20) rotate(20) scale(1.4)"/>',
    "user-gradient-use": '<linearGradient id="g" gradientUnits="userSpaceOnUse" x1="0" x2="100%"><stop stop-color="#c00"/><stop offset="1" stop-color="#00c"/></linearGradient><g transform="scale(.5)"><rect x="20" y="10" width="200" height="150" fill="url(#g)"/></g>',
    "pattern-in-pattern": '<pattern id="q" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="2" height="4" fill="#c00"/></pattern><pattern id="p" width="30" height="30" patternUnits="userSpaceOnUse"><rect width="20" height="20" fill="url(#q)"/></pattern><rect x="10" y="10" width="120" height="80" fill="url(#p)"/>',
    "pattern-slice": '<pattern id="p" width="40" height="20" patternUnits="userSpaceOnUse" viewBox="0 0 10 10" preserveAspectRatio="xMinYMin slice"><circle cx="5" cy="5" r="5" fill="#06c"/></pattern><rect x="10" y="10" width="120" height="80" fill="url(#p)"/>',
    "pattern-href": '<pattern id="q" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="10" height="10" fill="#c00"/></pattern><pattern id="p" href="#q" patternTransform="scale(1.5)"/><circle cx="75" cy="50" r="45" fill="url(#p)"/>',
    "marker-gradient": '<linearGradient id="g"><stop stop-color="#c00"/><stop offset="1" stop-color="#00c"/></linearGradient><marker id="a" markerWidth="8" markerHeight="8" refX="4" refY="4" orient="auto"><rect width="8" height="8" fill="url(#g)"/></marker><path d="M20 20L75 80L130 20" fill="none" stroke="#333" stroke-width="4" marker-start="url(#a)" marker-mid="url(#a)" marker-end="url(#a)"/>',
    "marker-faded": '<marker id="a" opacity=".4" markerWidth="8" markerHeight="8" refX="4" refY="4"><rect width="8" height="8" fill="#c00"/></marker><path d="M20 20L130 80" stroke="#333" stroke-width="4" marker-end="url(#a)"/>',
    "marker-inherited": '<marker id="a" markerWidth="8" markerHeight="8" refX="4" refY="4"><rect width="8" height="8" fill="#c00"/></marker><g marker-end="url(#a)"><path d="M20 20L130 80" stroke="#333" stroke-width="4"/><rect width="9" height="9"/></g>',
    "marker-no-stroke": '<marker id="a" markerWidth="8" markerHeight="8" refX="4" refY="4"><rect width="8" height="8" fill="#c00"/></marker><path d="M20 20L130 80" marker-end="url(#a)"/><path d="M20 60L130 60" stroke-width="0" stroke="#000" marker-end="url(#a)"/>',
    "important": "<style>rect{fill:#c00!important;stroke:#0a0}</style><rect width='60' height='60' stroke-width='9' style='fill:#06c;stroke:#333!important'/>",
    "symbol-place": '<symbol id="s" x="5" y="5" width="30" height="30" viewBox="0 0 10 10"><rect width="10" height="10" fill="#06c"/></symbol><use href="#s"/><use href="#s" x="60" width="60"/>',
    "use-svg": '<svg id="s" x="5" y="5" width="30" height="30" viewBox="0 0 10 10"><rect width="10" height="10" fill="#06c"/></svg><use href="#s" x="60" width="60" height="60"/>',
    "spaced": '<polygon points="10,10,60 10 60-5 90,90" fill="#06c"/><path d="M+5+60 1e1 9e1,50,95z"/>',
    "visible-use": '<defs><g id="r"><rect width="40" height="40"/><rect x="50" width="40" height="40" visibility="visible"/></g></defs><use href="#r" visibility="hidden"/>',
    "gradient-display": '<g display="none"><linearGradient id="g"><stop stop-color="#c00"/><stop offset="1" stop-color="#00c"/></linearGradient><clipPath id="c"><circle cx="60" cy="50" r="40"/></clipPath></g><rect width="120" height="90" fill="url(#g)" clip-path="url(#c)"/>',
    "packed-transform": '<rect transform="translate(40)rotate(15),scale(.8 1.2)skewY(5)" width="60" height="40" fill="#06c"/>',
    "anchors": '<a href="#x"><g id="x"><rect width="50" height="100" fill="#c00"/><rect x="50" width="50" height="100" fill="#06c"/></g></a>',
    "group-opacity-overlap": '<g opacity=".5" fill="#c00" stroke="#06c" stroke-width="14"><rect x="20" y="20" width="60" height="60"/><circle cx="90" cy="50" r="30"/></g>',
    "radial-focus-href": '<radialGradient id="a" cx=".3" cy=".3" r=".6"><stop stop-color="#fff"/><stop offset="1" stop-color="#06c"/></radialGradient><radialGradient id="b" href="#a" fx=".2" gradientTransform="translate(.1 .1)"/><ellipse cx="75" cy="50" rx="70" ry="45" fill="url(#b)"/>',
    "even-odd-inherit": '<g fill-rule="evenodd"><path d="M10 10h100v80h-100zM30 30h60v40h-60z" fill="#06c" stroke="#000" stroke-width="6"/></g>',
    "dash-zero": '<path d="M10 30H140" stroke="#333" stroke-width="8" stroke-dasharray="0 16" stroke-linecap="round"/><path d="M10 70H140" stroke="#333" stroke-width="8" stroke-dasharray="0 0"/>',
    "nested-percent": '<svg x="10%" y="10%" width="50%" height="50%"><rect width="50%" height="50%" fill="#06c"/><svg viewBox="0 0 10 10" x="50%" width="50%"><rect width="50%" height="100%"/></svg></svg>',
    "faded-stroke-fill": '<rect x="20" y="20" width="100" height="60" fill="#c00" fill-opacity=".5" stroke="#06c" stroke-opacity=".5" stroke-width="20"/>',
    "clip-on-use": '<clipPath id="c"><rect width="30" height="60"/></clipPath><defs><rect id="r" width="60" height="60" fill="#06c"/></defs><use href="#r" x="40" y="20" clip-path="url(#c)"/>',
    "closed-curves": '<path d="M20 50c0-40 50-40 50 0s50 40 50 0z" fill="#06c" stroke="#c00" stroke-width="5"/>',
    "smooth-after-line": '<path d="M20 20L60 20S100 20 100 60T140 80" fill="none" stroke="#333" stroke-width="5"/>',
}

REFUSED: Final[list[tuple[str, str]]] = [
    # Effects
    ('<filter id="f"><feGaussianBlur stdDeviation="3"/></filter>\n<rect width="9" height="9" filter="url(#f)"/>', ":3:1 has filter: url(#f); draw the effect as shapes"),
    ('<rect width="9" height="9"\n style="filter: drop-shadow(2px 2px 2px #000)"/>', ":2:1 has filter: drop-shadow(2px 2px 2px #000)"),
    ('\n<g style="filter:saturate(0)"><rect width="9" height="9" fill="red"/></g>', ":3:1 has filter: saturate(0)"),
    ('<rect width="9" height="9" style="mix-blend-mode:multiply"/>', ":2:1 has mix-blend-mode: multiply"),
    ("<style>.a { mix-blend-mode: darken }</style>\n<rect width='9' height='9' class='a'/>", ":3:1 has mix-blend-mode: darken"),
    ('<rect width="9" height="9" stroke="#000" vector-effect="non-scaling-stroke"/>', ":2:1 has vector-effect: non-scaling-stroke; turn the stroke into a path"),
    ('<g color-interpolation="linearRGB"/>', "has color-interpolation: linearRGB"),
    ('<rect width="9" height="9" style="backdrop-filter: blur(2px)"/>', "has the property backdrop-filter, which is not known here"),
    ('<rect width="9" height="9" style="clip-path: circle(40%)"/>', "has clip-path: circle(40%); refer to a <clipPath> of the drawing"),
    ('<rect width="9" height="9" style="mask: linear-gradient(#000, transparent)"/>', "has mask: linear-gradient(#000, transparent); refer to a <mask>"),
    ('<rect width="9" height="9" paint-order="text"/>', "has paint-order: text"),
    ('<rect width="9" height="9" transform-origin="50% 50%" transform="rotate(4)"/>', "has transform-origin: 50% 50%; put the origin into the transform"),
    # Elements
    ("<foreignObject width='9' height='9'><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>", ":2:1 contains <foreignobject>"),
    ("<switch><foreignObject width='9' height='9'/><rect width='9' height='9'/></switch>", "contains <foreignobject>"),
    ("<switch><g systemLanguage='da'/><g systemLanguage='sv'/></switch>", "has systemLanguage, and a picture has one language"),
    ("<text>Løft</text>", "contains text, which stays in one language"),
    ("<defs><path id='p' d='M0 0h9'/></defs>\n<text><textPath href='#p'>Løft</textPath></text>", ":3:7 contains text"),
    ("<rect width='9' height='9'>\n<animate attributeName='x' to='5'/></rect>", ":3:1 contains <animate>, and nothing moves on paper"),
    ("<set attributeName='x' to='5'/>", "contains <set>"),
    ("<video width='9' height='9'/>", "contains <video>, which is not drawn here"),
    ("<meshgradient id='m'/>", "contains <meshgradient>"),
    ("<hatch id='h'/>", "contains <hatch>"),
    ("<Rect width='9' height='9'/>", "contains <Rect>"),
    ("<image href='data:image/gif;base64,R0lGODlhAQABAAAAACw='/>", "contains an <image> that is neither PNG nor JPEG"),
    ("<image href='data:image/svg+xml,%3Csvg/%3E' width='9' height='9'/>", "contains an <image> that is neither PNG nor JPEG"),
    ("<image href='data:image/png;base64,iVBORw0KGgo='/>", "contains an <image> that is not a complete PNG picture"),
    ("<use href='other.svg#a'/>", "refers to something outside itself (other.svg#a)"),
    ("<g id='a'><use href='#a'/></g>", "uses itself"),
    # Attributes and CSS
    ('<rect width="9" height="9" fil="red"/>', ":2:1 has the attribute fil at <rect>, which is not known here; remove it"),
    ('<path d="M0 0h9" stroke="#000" stroke-dasharray="1" pathLength="10"/>', "has pathLength at a dashed <path>"),
    ('<path d="M0 0h9" stroke="#000" stroke-linejoin="arcs"/>', "has stroke-linejoin: arcs; use one of: miter, round, bevel"),
    ('<rect width="calc(1px + 2px)" height="9"/>', "has width: calc(1px + 2px), which is not a length here"),
    ('<rect width="2em" height="9"/>', "has width: 2em, which is not a length here"),
    ('<rect width="9" height="9" fill="rgbb(1,2,3)"/>', "has fill: rgbb(1,2,3), which is not a colour here; write it as #rrggbb"),
    ('<rect width="9" height="9" transform="rotate3d(1,2,3)"/>', "has a transform that breaks at “rotate3d(1,2,3)”"),
    ('<rect width="9" height="9" style="transform:translate(50%)"/>', "has a transform that breaks at “50%”"),
    ('<path d="M0 0 L10 x"/>', "has data in d that break at “L10 x”; save it again"),
    ('<path d="L10 10"/>', "has data in d that break at ““L” before the first M”"),
    ('<path d="M0 0 A10 10 0 2 0 9 9"/>', "has data in d that break at"),
    ('<path d="M0 0 L1."/>', "has data in d that break at"),
    ('<polyline points="0 0 5"/>', "has data in points that break at"),
    ("<style>@import 'a.css';</style>", "refers to something outside itself (in <style>)"),
    ("<style>@media print { rect { fill: red } }</style>", "has @media in <style>; leave only plain rules"),
    ("<style>rect:has(p) { fill: red } rect::foo(bar { }</style>", "in <style>"),
    ("<style>\nrect:nth-child(x) { fill: red }</style>", "has the selector “rect:nth-child(x)”"),
    ("<style media='screen'>rect { fill: red }</style>", "has a <style> that is not plain CSS"),
    ("<style>rect { rotate: 45deg }</style><rect width='9' height='9'/>", "has the property rotate"),
    ('<rect width="1e99" height="9"/>', "has width: 1e99, which is not a length here"),
    ('<path d="M0 0L1e999 5"/>', "has data in d that break at “1e999”"),
    # Paint
    ('<linearGradient id="g" spreadMethod="reflect"><stop/><stop offset="1" stop-color="red"/></linearGradient>\n<rect width="9" height="9" fill="url(#g)"/>', ":2:1 has spreadMethod=“reflect”"),
    ('<radialGradient id="g" fx="2"><stop/><stop offset="1" stop-color="red"/></radialGradient><rect width="9" height="9" fill="url(#g)"/>', "whose focus is not inside its circle"),
    ('<pattern id="p" width="1" height="1"><rect width="9" height="9"/></pattern><path d="M0 0h9v9" stroke="url(#p)"/>', "has a stroke of a <pattern>"),
    ('<pattern id="p" width=".1" height=".1" patternUnits="userSpaceOnUse"><rect width="9" height="9"/></pattern><rect width="90" height="90" fill="url(#p)"/>', "is filled with more than 4,000 tiles"),
    ('<clipPath id="c"><path d="M0 0h9v9z"/><path d="M2 2h9v9z"/></clipPath><rect width="9" height="9" clip-path="url(#c)"/>', "has a <clipPath> of several shapes over each other; unite them"),
    ('<clipPath id="c"><image href="#x"/></clipPath><rect width="9" height="9" clip-path="url(#c)"/>', "contains <image> in a <clipPath>"),
    (f'{PURE}<marker id="a"><path d="M0 0h2v2" fill="context-stroke"/></marker><path d="M0 0L9 9" stroke="url(#g)" marker-end="url(#a)"/>', "has context-stroke of something that is not painted in one colour"),
    ('<marker id="a" orient="left"><path d="M0 0h2v2"/></marker><path d="M0 0h9" marker-end="url(#a)"/>', "has orient=“left”"),
    ('<svg viewBox="0 0 0 10"/>', "has viewBox=“0 0 0 10”"),
    ('<rect width="9" height="9" preserveAspectRatio="xMid"/>', "has the attribute preserveAspectRatio at <rect>"),
    ('<svg viewBox="0 0 9 9" preserveAspectRatio="middle"/>', "has preserveAspectRatio=“middle”"),
]  # fmt: skip

ODD: Final = {
    "only a move": f'{AUTO}<path d="M75 50" {LINE} {ALL}/>',
    "lines without a length": f'{AUTO}<path d="M20 20 L20 20 L120 80 L120 80" {LINE} {ALL}/>',
    "moves alone": f'{AUTO}<path d="M1 1M2 2ZM3 3z m1 1" {LINE} {ALL}/>',
    "nothing": "",
    "no data": '<path/><polyline/><polygon points=""/><path d=""/><path d="none"/>',
    "curves of one point": '<path d="M5 5C5 5 5 5 5 5Q5 5 5 5T5 5A4 4 0 0 0 5 5" stroke="#000" stroke-width="3"/>',
}
"""What browsers do not agree on, or draw nothing of: it must not end in a crash."""

SQUARE: Final = '<rect x="10" y="10" width="60" height="60" fill="#06c"/>'
"""What each of the files below draws, in its own way."""

EXPORTS: Final[dict[str, str]] = {
    "inkscape": """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with Inkscape -->
<svg width="150mm" height="100mm" viewBox="0 0 150 100" version="1.1" id="svg5" inkscape:version="1.3" sodipodi:docname="a.svg"
 xml:space="preserve" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" xmlns="http://www.w3.org/2000/svg"
 xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" xmlns:svg="http://www.w3.org/2000/svg">
<sodipodi:namedview id="v" pagecolor="#ffffff" inkscape:zoom="1.2"><inkscape:grid type="xygrid"/></sodipodi:namedview>
<metadata id="m"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:li>x</rdf:li></rdf:RDF></metadata>
<defs id="d"><inkscape:path-effect effect="spiro"/><filter id="unused"><feGaussianBlur stdDeviation="2"/></filter></defs>
<g inkscape:label="Layer 1" inkscape:groupmode="layer" id="l1"><path id="p" inkscape:connector-curvature="0" sodipodi:nodetypes="ccccc"
 style="color:#000000;font-variation-settings:normal;overflow:visible;vector-effect:none;fill:#0066cc;fill-opacity:1;fill-rule:evenodd;\
stroke:none;stroke-width:0.264583px;stroke-linecap:butt;stroke-linejoin:miter;stroke-opacity:1;-inkscape-stroke:none;marker:none;\
stroke-miterlimit:4;stroke-dasharray:none;stop-color:#000000;mix-blend-mode:normal;solid-color:#000000;isolation:auto;paint-order:normal"
 d="m 10,10 h 60 v 60 H 10 Z"/></g></svg>""",
    "illustrator": """<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
 <!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/"> <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
]>
<svg version="1.1" id="Layer_1" xmlns:x="&ns_extend;" xmlns:i="&ns_ai;" xmlns="http://www.w3.org/2000/svg"
 xmlns:xlink="http://www.w3.org/1999/xlink" x="0px" y="0px" viewBox="0 0 150 100" style="enable-background:new 0 0 150 100;" xml:space="preserve">
<style type="text/css">.st0{clip-path:url(#SVGID_2_);fill:#0066CC;}</style>
<switch><foreignObject requiredExtensions="&ns_ai;" x="0" y="0" width="1" height="1"><i:aipgfRef xlink:href="#a"/></foreignObject>
<g i:extraneous="self"><defs><rect id="SVGID_1_" x="10" y="10" width="60" height="60"/></defs>
<clipPath id="SVGID_2_"><use xlink:href="#SVGID_1_" style="overflow:visible;"/></clipPath><rect class="st0" width="150" height="100"/></g></switch>
<i:aipgf id="a"><![CDATA[ data ]]></i:aipgf></svg>""",
    "figma": """<svg width="150" height="100" viewBox="0 0 150 100" fill="none" xmlns="http://www.w3.org/2000/svg">
<g clip-path="url(#clip0_1_2)"><mask id="mask0_1_2" style="mask-type:luminance" maskUnits="userSpaceOnUse" x="0" y="0" width="150" height="100">
<path d="M150 0H0V100H150V0Z" fill="white"/></mask><g mask="url(#mask0_1_2)"><path fill-rule="evenodd" clip-rule="evenodd" d="M10 10H70V70H10V10Z"
 fill="#0066CC"/></g></g><defs><clipPath id="clip0_1_2"><rect width="150" height="100" fill="white"/></clipPath></defs></svg>""",
    "matplotlib": """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="112.5pt" height="75pt" viewBox="0 0 150 100" xmlns="http://www.w3.org/2000/svg" version="1.1">
<metadata><rdf:RDF xmlns:cc="http://creativecommons.org/ns#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>
<defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
<g id="figure_1"><g id="patch_1"><path d="M 10 70 L 70 70 L 70 10 L 10 10 z " clip-path="url(#p0)" style="fill: #0066cc"/></g>
<g id="xtick_1"><defs><path id="m1" d="M 0 0 L 0 3.5 " style="stroke: #0066cc; stroke-width: 0.8"/></defs>
<g><use xlink:href="#m1" x="20" y="60" style="stroke: #0066cc; stroke-width: 0.8"/></g></g></g>
<defs><clipPath id="p0"><rect x="5" y="5" width="140" height="90"/></clipPath></defs></svg>""",
    "draw.io": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" style="background: transparent; background-color: transparent; color-scheme: light dark;"
 xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" width="150px" height="100px" viewBox="0 0 150 100" content="&lt;mxfile/&gt;">
<defs/><g><g data-cell-id="0"><g data-cell-id="1"><rect x="10" y="10" width="60" height="60" fill="#0066cc" stroke="none" pointer-events="all"
 style="fill: light-dark(rgb(0, 102, 204), var(--ge-dark-color, #121212)); stroke: none;"/></g></g></g></svg>""",
}
