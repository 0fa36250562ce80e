// Package diagnostics holds the rules of wording that all diagnostics share.
package diagnostics

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// FromConnect turns an error of the connect client into a diagnostic without a path, with advice on credentials.
func FromConnect(summary string, err error) diag.Diagnostic {
	detail := Sentence(err.Error())
	switch {
	case errors.Is(err, connectclient.ErrUnauthorized):
		detail += "\n\nCheck username and password, bearer_token or headers in the provider's connect attribute."
	case errors.Is(err, connectclient.ErrForbidden):
		detail += "\n\nSet other credentials in the provider's connect attribute, or grant their user the permission for this request."
	case errors.Is(err, connectclient.ErrForeign):
		detail += "\n\nCheck scheme, host, port and path in connect.urls of the provider."
	case errors.Is(err, connectclient.ErrDifferentClusters):
		detail += "\n\nSet connect.urls of the provider to the workers of one Connect cluster. Give another cluster an entry of its own in clusters of the provider."
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// Quoted returns the text in double quotes, as messages show names and values.
func Quoted(text string) string { return strconv.Quote(text) }

// ShellQuoted returns the text as one word of a POSIX shell.
func ShellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Capitalized returns the text with a capital first letter. A name at its beginning, such as a configuration key or a Java
// class, keeps its case.
func Capitalized(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if strings.ContainsAny(strings.TrimRight(first, ".,:;"), "._$=") {
		return text
	}
	letter, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(letter)) + text[size:]
}

// Sentence turns the text of a Go error, which is lower case and has no full stop, into a sentence.
func Sentence(text string) string {
	if text = Capitalized(text); !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}

// Shortened returns a list of names, of which at most ten are shown.
func Shortened(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}
