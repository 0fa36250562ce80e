package kafkaclient

import "reflect"

// Overlay returns the configuration with every field that is set in over taken from there, field by field down
// to those of SASL and TLS: a password given on its own completes what a properties file says.
func (c Config) Overlay(over Config) Config {
	overlay(reflect.ValueOf(&c).Elem(), reflect.ValueOf(over))
	return c
}

func overlay(base, over reflect.Value) {
	if base.Kind() == reflect.Struct {
		for i := range base.NumField() {
			overlay(base.Field(i), over.Field(i))
		}
		return
	}
	if !over.IsZero() {
		base.Set(over)
	}
}
