package parameter

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// Column is a field of a cell as a column of a table, named as in JSON.
type Column[C any] struct {
	Name string
	Text func(C) string // empty for what is absent
	// Optional says that a table leaves the column out if no cell has the value: it came
	// after the others, on which readers rely.
	Optional bool
}

// Columns returns a column for each field of a cell, in their order.
func Columns[C any]() []Column[C] {
	var columns []Column[C]
	for field := range reflect.TypeFor[C]().Fields() {
		_, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		columns = append(columns, Column[C]{Name: JSONName(field), Optional: field.Tag.Get("column") == "optional", Text: func(c C) string {
			value := reflect.ValueOf(c).FieldByIndex(field.Index)
			if options != "" && value.IsZero() {
				return ""
			}
			return fieldText(value)
		}})
	}
	return columns
}

// JSONName returns what a field is called in JSON.
func JSONName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func fieldText(value reflect.Value) string {
	switch value.Kind() {
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(value.Int(), 10)
	case reflect.Float64:
		return units.Decimal(value.Float())
	case reflect.String:
		return value.String()
	default:
		return fmt.Sprint(value.Interface())
	}
}
