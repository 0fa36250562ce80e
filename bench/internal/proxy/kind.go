package proxy

import (
	"net/http"
	"strings"
)

// Kinds of requests that other packages use by name.
const (
	Listing   = "GET listing"  // all connectors in one response
	GetStatus = "GET status"   // of one connector
	Validate  = "PUT validate" // a configuration, without storing it
)

// Kind returns a name for the request that is the same for every connector: its method, and its path without names and ids.
func Kind(r *http.Request) string {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var what string
	switch {
	case parts[0] == "":
		what = "cluster"
	case parts[0] == "connector-plugins" && parts[len(parts)-1] == "validate":
		return Validate
	case parts[0] == "connectors" && len(parts) > 2:
		what = strings.Join(withoutNumbers(parts[2:]), " ")
	case parts[0] == "connectors" && (len(parts) == 2 || r.Method == http.MethodPost):
		what = "connector"
	case parts[0] == "connectors" && r.URL.Query().Has("expand"):
		return Listing
	case parts[0] == "connectors":
		what = "names"
	default:
		what = parts[0]
	}
	return r.Method + " " + what
}

// withoutNumbers removes task ids.
func withoutNumbers(parts []string) []string {
	var words []string
	for _, part := range parts {
		if strings.Trim(part, "0123456789") != "" {
			words = append(words, part)
		}
	}
	return words
}
