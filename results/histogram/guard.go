package histogram

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
)

// The V2 compressed layout as far as it is read here: an outer header of cookie
// and length, then a zlib stream whose own header holds, among others, the
// number of significant digits and the range.
const (
	outerHeaderBytes  = 8
	innerHeaderBytes  = 40
	digitsOffset      = 12
	lowestOffset      = 16
	highestOffset     = 24
	outerHeaderBase64 = 4 * ((outerHeaderBytes + 2) / 3)
)

// checkGeometry refuses an encoded histogram of a range that is not ours. It
// looks before decoding because the library allocates the whole counts array
// that the header asks for, which is 50 MB and more for a wide range at five
// digits: a few hundred hostile lines would exhaust the memory.
func checkGeometry(text string) error {
	if len(text) < outerHeaderBase64 {
		return fmt.Errorf("%d bytes are too few", len(text))
	}
	raw := base64.NewDecoder(base64.StdEncoding, bytes.NewReader([]byte(text)))
	if _, err := io.CopyN(io.Discard, raw, outerHeaderBytes); err != nil {
		return fmt.Errorf("reading its header: %w", err)
	}
	inflated, err := zlib.NewReader(raw)
	if err != nil {
		return fmt.Errorf("inflating it: %w", err)
	}
	var header [innerHeaderBytes]byte
	if _, err := io.ReadFull(inflated, header[:]); err != nil {
		return fmt.Errorf("inflating its header: %w", err)
	}
	digits := int32(binary.BigEndian.Uint32(header[digitsOffset:]))
	lowest := int64(binary.BigEndian.Uint64(header[lowestOffset:]))
	highest := int64(binary.BigEndian.Uint64(header[highestOffset:]))
	if lowest != histogramLowest || highest < 2*lowest || highest > histogramHighest || digits != histogramDigits {
		return fmt.Errorf("range %d..%d with %d digits is not ours, %d..%d with %d",
			lowest, highest, digits, histogramLowest, histogramHighest, histogramDigits)
	}
	return nil
}
