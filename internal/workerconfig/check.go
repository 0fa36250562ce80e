package workerconfig

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// CheckValue returns an error if Kafka rejects the value for the key. It accepts a
// value with a placeholder such as ${env:PORT}, because only the worker can resolve
// it. The error says what is expected and never shows the value.
func (k Key) CheckValue(value string) error {
	if hasPlaceholder(value) {
		return nil
	}
	value = trimAsJava(value)
	switch k.Type {
	case TypeBoolean:
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			return fmt.Errorf(`%s must be "true" or "false"`, k.Name)
		}
	case TypeShort:
		return k.checkInteger(value, 16)
	case TypeInt:
		return k.checkInteger(value, 32)
	case TypeLong:
		return k.checkInteger(value, 64)
	case TypeDouble:
		return k.checkDouble(value)
	case TypeList:
		return k.checkList(value)
	case TypeClass:
		if value != "" && !isJavaName(value) {
			return fmt.Errorf("%s must be the name of a Java class", k.Name)
		}
	case TypeString:
		return k.checkEnum(value)
	}
	return nil
}

func (k Key) checkInteger(value string, bits int) error {
	number, err := strconv.ParseInt(value, 10, bits)
	if err != nil {
		return fmt.Errorf("%s must be a whole number of %d bits", k.Name, bits)
	}
	if low, err := k.Min.Int64(); err == nil && number < low {
		return k.outOfBounds()
	}
	if high, err := k.Max.Int64(); err == nil && number > high {
		return k.outOfBounds()
	}
	return nil
}

// javaDouble matches the decimal numbers that Double.parseDouble accepts.
var javaDouble = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?$`)

func (k Key) checkDouble(value string) error {
	if !javaDouble.MatchString(value) {
		return fmt.Errorf("%s must be a number", k.Name)
	}
	number, _ := strconv.ParseFloat(strings.TrimRight(value, "dDfF"), 64) // a number that is too large is infinite, as in Java
	if low, err := k.Min.Float64(); err == nil && number < low {
		return k.outOfBounds()
	}
	if high, err := k.Max.Float64(); err == nil && number > high {
		return k.outOfBounds()
	}
	return nil
}

func (k Key) outOfBounds() error {
	switch {
	case k.Max == "":
		return fmt.Errorf("%s must be at least %s", k.Name, k.Min)
	case k.Min == "":
		return fmt.Errorf("%s must be at most %s", k.Name, k.Max)
	}
	return fmt.Errorf("%s must be between %s and %s", k.Name, k.Min, k.Max)
}

func (k Key) checkList(value string) error {
	if value == "" {
		return nil
	}
	for element := range strings.SplitSeq(value, ",") {
		if err := k.checkEnum(trimAsJava(element)); err != nil {
			return err
		}
	}
	return nil
}

func (k Key) checkEnum(value string) error {
	if len(k.Values) == 0 || slices.ContainsFunc(k.Values, func(valid string) bool {
		return valid == value || k.IgnoreCase && strings.EqualFold(valid, value)
	}) {
		return nil
	}
	return fmt.Errorf("%s must be one of %s", k.Name, strings.Join(k.Values, ", "))
}

// trimAsJava removes the characters that String.trim removes, as Kafka does for every
// value: blanks and all control characters below them.
func trimAsJava(value string) string {
	return strings.TrimFunc(value, func(r rune) bool { return r <= ' ' })
}

// isJavaName reports whether text has the form of a class name, with or without
// package. Java allows letters of all scripts.
func isJavaName(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		for i, r := range part {
			if !unicode.IsLetter(r) && r != '_' && r != '$' && (i == 0 || !unicode.IsDigit(r)) {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	return true
}
