package workerconfig

import (
	"regexp"
	"slices"
)

// ResponseHeadersKey is the setting with the headers of all answers of a worker's REST API. Its value is a list of actions
// such as "set NAME: VALUE", separated by commas. An action that contains a comma is in double quotes.
const ResponseHeadersKey = "response.http.headers.config"

// SetsResponseHeader reports whether the response headers in p name the header.
func (p Properties) SetsResponseHeader(name string) bool {
	value, _ := p.Value(ResponseHeadersKey)
	return regexp.MustCompile(`(?i)\s` + regexp.QuoteMeta(name) + `\s*:`).MatchString(value)
}

// WithResponseHeader returns the properties of a worker that also sends this header with every answer. The value must not
// contain commas, colons and quotes. The action precedes those in p, because the value in p may end in an open quote or a comma.
func (p Properties) WithResponseHeader(name, value string) Properties {
	action := "set " + name + ": " + value
	p = slices.Clone(p)
	at := slices.IndexFunc(p, func(property Property) bool { return property.Key == ResponseHeadersKey })
	switch {
	case at < 0:
		return append(p, Property{Key: ResponseHeadersKey, Value: action})
	case trimAsJava(p[at].Value) == "":
		p[at].Value = action
	default:
		p[at].Value = action + "," + p[at].Value
	}
	return p
}
