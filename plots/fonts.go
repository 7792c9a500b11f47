package plots

import (
	_ "embed"
	"encoding/base64"
	"fmt"
)

// fontFamily is the font of a figure, which travels with it: figures are laid out by
// its widths, and a bare Linux has no font of the same widths. The fallbacks are for
// readers of SVG that load no font, and for what it has no glyph for.
const fontFamily = "'Figure Sans','Liberation Sans',Arial,Helvetica,sans-serif"

// Liberation Sans 2.1 as the layout measures it, of which there is what figures write:
// ASCII and a few signs. The license asks of a part of a font that it have another name.
// fonts/subset made the files; fonts/OFL.txt is the license.
var (
	//go:embed fonts/sans-regular.woff2
	regularFont []byte
	//go:embed fonts/sans-bold.woff2
	boldFont []byte
)

// FontStyle is the style sheet that brings the font of the figures: a file of a figure
// has it, and a page of several has it once.
func FontStyle() string {
	face := func(weight string, data []byte) string {
		return fmt.Sprintf("@font-face{font-family:'Figure Sans';font-weight:%s;src:url(data:font/woff2;base64,%s)}\n",
			weight, base64.StdEncoding.EncodeToString(data))
	}
	return "/* Figure Sans: a part of Liberation Sans, (c) 2010 Google, 2012 Red Hat, SIL Open Font License 1.1 */\n" +
		face("400", regularFont) + face("700", boldFont)
}
