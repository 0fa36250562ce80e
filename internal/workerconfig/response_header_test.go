package workerconfig

import "testing"

func TestWithResponseHeader(t *testing.T) {
	for before, want := range map[string]string{
		"":                                   "set X-Name: value",
		"  ":                                 "set X-Name: value",
		"set A: b":                           "set X-Name: value,set A: b",
		`"set Cache-Control: a, b",add C: d`: `set X-Name: value,"set Cache-Control: a, b",add C: d`,
		`"set A: b`:                          `set X-Name: value,"set A: b`, // Kafka accepts an open quote at the end
		"${file:/run/headers:all}":           "set X-Name: value,${file:/run/headers:all}",
	} {
		properties := Properties{{Key: ResponseHeadersKey, Value: before, Secret: true}, {Key: "b", Value: "c"}}
		got := properties.WithResponseHeader("X-Name", "value")
		if got[0].Value != want || !got[0].Secret || len(got) != 2 {
			t.Errorf("%q: got %q", before, got[0].Value)
		}
		if properties[0].Value != before {
			t.Errorf("%q: the properties themselves were changed", before)
		}
	}
	got := Properties{{Key: "b", Value: "c"}}.WithResponseHeader("X-Name", "value")
	if len(got) != 2 || got[1] != (Property{Key: ResponseHeadersKey, Value: "set X-Name: value"}) {
		t.Errorf("without the key: got %v", got)
	}
}

func TestSetsResponseHeader(t *testing.T) {
	for value, want := range map[string]bool{
		"":                            false,
		"set A: X-Name":               false,
		"set X-Name-Other: b":         false,
		"set Other-X-Name: b":         false,
		"set A: b, add x-name : c":    true,
		`"set X-Name: b, c",set D: e`: true,
	} {
		if got := (Properties{{Key: ResponseHeadersKey, Value: value}}).SetsResponseHeader("X-Name"); got != want {
			t.Errorf("%q: got %v", value, got)
		}
	}
}
