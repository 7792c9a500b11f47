package files

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// InWords says what is wrong with JSON that somebody else wrote, where the library names
// types of Go.
func InWords(err error) error {
	var wrong *json.UnmarshalTypeError
	var moment *time.ParseError
	var broken *json.SyntaxError
	switch {
	case errors.As(err, &broken) && broken.Error() == "unexpected end of JSON input":
		return errors.New("it is empty, or ends before its JSON does")
	case errors.As(err, &wrong) && wrong.Field != "":
		// In lower case, as keys are: one without a tag has the name of its field.
		return fmt.Errorf("%q is a JSON %s, not %s", strings.ToLower(wrong.Field), wrong.Value, kindInWords(wrong.Type))
	case errors.As(err, &wrong):
		return fmt.Errorf("a JSON %s is not %s", wrong.Value, kindInWords(wrong.Type))
	case errors.As(err, &moment):
		return fmt.Errorf("%.40s is not a time such as 2026-01-31T10:00:00Z", moment.Value)
	}
	return err
}

// kindInWords names what a type of Go is in JSON.
func kindInWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number that fits"
	}
}

// ReadJSON is json.Unmarshal with errors for those who wrote the JSON.
func ReadJSON(data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return InWords(err)
	}
	return nil
}

// WriteJSON writes indented JSON, with < and > as they are: a command line with
// a redirection should stay readable.
func WriteJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
