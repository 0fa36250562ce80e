// Package secret tells which values in the configurations of Kafka Connect are secrets, and hides secrets in text.
//
// A value is a secret by the type of its key ([ByType]: the plugin defines it as PASSWORD), by the name of its key
// ([ByName], see [Name]), or by what it contains ([ByForm]: a URL with a password, a private key, a token). A placeholder
// of a config provider, such as ${file:/run/secrets/db:password}, is no secret.
package secret

import (
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Reason tells why a value is a secret.
type Reason int

// The reasons. The zero value means that the value is not a secret.
const (
	NotSecret Reason = iota
	ByType           // the plugin defines the key as PASSWORD
	ByName           // the name of the key is that of a secret
	ByForm           // a part of the value is a secret
	ByMask           // the value is a mask, which tells that the worker has a secret if nobody has declared the mask
)

// Why tells why the value of a key is a secret. password tells that the plugin defines the key as PASSWORD; false if that
// is not known.
func Why(key, value string, password bool) Reason {
	literal := literals(value)
	switch {
	case literal == "":
		return NotSecret
	case isJAAS(key):
		if open, ok := openJAAS(value); ok && open {
			return NotSecret
		}
		return ByName
	case password:
		return ByType
	case Name(key) && !isBool(literal):
		return ByName
	case len(parts(value)) > 0:
		return ByForm
	case showsMask(value) && !describes(words(withoutAlias(key))):
		return ByMask
	}
	return NotSecret
}

// IsSecret reports whether a declared value is a secret. A declared mask is a value like any other, such as the replacement
// of a transform that masks fields, unless the key or the form of the value says that it is secret.
func (r Reason) IsSecret() bool { return r != NotSecret && r != ByMask }

// Values returns the secrets in a configuration. isPassword tells which keys the plugin defines as PASSWORD; it may be
// nil. Of a value that is a secret by its form, only the secret parts are returned.
func Values(config map[string]string, isPassword func(key string) bool) (secrets []string) {
	for _, key := range slices.Sorted(maps.Keys(config)) {
		value := config[key]
		reason := Why(key, value, false)
		if reason != ByName && isPassword != nil && isPassword(key) {
			reason = Why(key, value, true)
		}
		switch reason {
		case ByType, ByName:
			secrets = append(secrets, value)
			secrets = append(secrets, basicCredentials(config, key)...)
		case ByForm:
			secrets = append(secrets, parts(value)...)
		}
	}
	return secrets
}

// Public returns the keys of a configuration and its values that are no secrets, for [Hider.Keep].
func Public(config map[string]string, isPassword func(key string) bool) (words []string) {
	for key, value := range config {
		words = append(words, key)
		if Why(key, value, isPassword != nil && isPassword(key)) == NotSecret {
			words = append(words, value)
		}
	}
	return words
}

// userNames are the last words of keys that hold the user name for a password.
var userNames = []string{"user", "username", "user.name", "login"}

// basicCredentials returns how HTTP basic authentication sends the password of this key with its user name.
func basicCredentials(config map[string]string, key string) (encoded []string) {
	prefix, ok := strings.CutSuffix(key, "password")
	if !ok {
		return nil
	}
	for _, name := range userNames {
		if user, ok := config[prefix+name]; ok {
			encoded = append(encoded, base64.StdEncoding.EncodeToString([]byte(user+":"+config[key])))
		}
	}
	return encoded
}

// placeholder matches what a worker replaces with a value of a config provider (KIP-297).
var placeholder = regexp.MustCompile(`\$\{[A-Za-z][\w.-]*:[^}]*\}`)

// resolved stands for a placeholder while a value is parsed.
const resolved = "\x00"

// authScheme begins the value of an Authorization header.
var authScheme = regexp.MustCompile(`(?i)^\s*(?:basic|bearer)\s+`)

// literals returns the value if it contains text that is not a placeholder, else "". What separates placeholders does not
// count: ${env:USER}:${env:PASSWORD}.
func literals(value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	if !strings.Contains(value, "${") {
		return value
	}
	rest := placeholder.ReplaceAllString(value, "")
	if rest == value {
		return value
	}
	rest = authScheme.ReplaceAllString(rest, "")
	if strings.IndexFunc(rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return ""
	}
	return value
}

func isBool(value string) bool {
	return strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
}

func isJAAS(key string) bool { return strings.HasSuffix("."+key, ".sasl.jaas.config") }

// openJAASOptions are the options of login modules that are not secret. Every other option is treated as a secret.
var openJAASOptions = []string{
	"username", "usekeytab", "keytab", "useticketcache", "ticketcache", "storekey", "principal", "servicename", "donotprompt",
	"renewtgt", "refreshkrb5config", "isinitiator", "debug", "tokenauth", "clientid", "scope",
}

// openJAAS reports whether a JAAS configuration holds no secret. ok is false if the value cannot be parsed.
func openJAAS(value string) (open, ok bool) {
	jaas, err := javaformat.ParseJAAS(value)
	return err == nil && len(jaasSecrets(jaas)) == 0, err == nil
}

func jaasSecrets(jaas javaformat.JAAS) (secrets []string) {
	for name, option := range jaas.Options {
		if literals(option) != "" && !slices.Contains(openJAASOptions, strings.ToLower(name)) {
			secrets = append(secrets, option)
		}
	}
	return secrets
}

var (
	privateKey = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----`)
	// userInfo is a URL with a password. The password may contain an unescaped @.
	userInfo = regexp.MustCompile(`[A-Za-z][\w+.-]*://[^\s/?#@:"']*:([^\s/?#"']+)@`)
	// slashInfo is one whose password contains an unescaped slash; host:8080/path@x has no password.
	slashInfo = regexp.MustCompile(`[A-Za-z][\w+.-]*://[^\s/?#@:"']*:([^\s"'@/?]*)([/?][^\s"'@]*)@`)
	oracle    = regexp.MustCompile(`(?i)jdbc:oracle:\w+:[^\s/@"]+/("[^"]+"|[^\s@]+)@`)
	// option is one of a JDBC URL, an ADO string, a JAAS configuration.
	option = regexp.MustCompile(`([A-Za-z][\w.-]*)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|\{[^}]*\}|[^\s;&"']+)`)
	// field is one of a JSON document, or of one within a JSON string. Without quotes, a colon may mean anything:
	// rename=password:pwd.
	field = regexp.MustCompile(`["']([A-Za-z][\w.-]*)\\*["']\s*:\s*\\*["']([^"']+)["']`)
	// header is a line of an HTTP header that holds credentials.
	header = regexp.MustCompile(`(?i)\b(?:(?:proxy-)?authorization|(?:[a-z0-9]+-)*api-?key|(?:[a-z0-9]+-)+(?:token|secret|password))"?\s*[:=]\s*"?(?:(?:basic|bearer|token|apikey|negotiate)\s+)?([^\s,;"']+)`)
	bearer = regexp.MustCompile(`(?i)(?:^|["'=:,])\s*(?:basic|bearer)\s+([A-Za-z0-9._~+/=-]{4,})\s*(?:$|["',;])`)
	tokens = regexp.MustCompile(`\b(eyJ[\w-]{10,}\.[\w-]+\.[\w-]*|(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,}|xox[abprs]-[\w-]{10,}|` +
		`sk_live_\w{16,}|AIza[\w-]{35}|hvs\.[\w-]{20,}|glpat-[\w-]{20,}|dapi[0-9a-f]{32})\b)`)
	// wildcard is a part of a regular expression that matches any value: token=(.*) is no secret.
	wildcard = regexp.MustCompile(`^\(?(?:(?:\.|\\\w)[*+]\??\)?$|\[\^)`)
	awsKey   = regexp.MustCompile(`^[A-Za-z0-9+][A-Za-z0-9/+]{39}$`)
)

// pattern of a secret within a value: its first group. Only values that contain one of the signs can match.
var secretForms = []struct {
	signs   []string
	pattern *regexp.Regexp
}{
	{[]string{"@"}, userInfo},
	{[]string{"oracle:", "ORACLE:", "Oracle:"}, oracle},
	{[]string{":", "="}, header},
	{[]string{"earer ", "asic ", "EARER ", "ASIC "}, bearer},
	{[]string{"eyJ", "gh", "xox", "sk_live_", "AIza", "hvs.", "glpat-", "dapi"}, tokens},
}

// parts returns the parts of a value that are secrets by their form.
func parts(value string) (secrets []string) {
	if strings.Contains(value, "${") {
		value = placeholder.ReplaceAllString(value, resolved)
	}
	add := func(text string) {
		text = strings.Trim(text, `"'{}\`)
		if isBool(text) || wildcard.MatchString(text) {
			return
		}
		for piece := range strings.SplitSeq(text, resolved) { // of a secret that contains a placeholder
			if strings.TrimSpace(piece) != "" {
				secrets = append(secrets, piece)
			}
		}
	}
	if isAWSKey(value) || strings.Contains(value, "-----BEGIN") && privateKey.MatchString(value) {
		add(value)
	}
	for _, form := range secretForms {
		if !slices.ContainsFunc(form.signs, func(sign string) bool { return strings.Contains(value, sign) }) {
			continue
		}
		for _, m := range form.pattern.FindAllStringSubmatch(value, -1) {
			add(m[1])
			if plain := unescaped(m[1]); plain != m[1] {
				add(plain)
			}
		}
	}
	if strings.Contains(value, "@") {
		for _, m := range slashInfo.FindAllStringSubmatch(value, -1) {
			if strings.Trim(m[1], "0123456789") != "" {
				add(m[1] + m[2])
			}
		}
	}
	addOptions(value, add)
	return secrets
}

// addOptions adds the values of options whose names are secret.
func addOptions(value string, add func(string)) {
	var found [][]string
	if strings.Contains(value, "=") {
		found = option.FindAllStringSubmatch(value, -1)
	}
	if strings.Contains(value, ":") && strings.ContainsAny(value, `"'`) {
		found = append(found, field.FindAllStringSubmatch(value, -1)...)
	}
	for _, m := range found {
		if !Name(m[1]) {
			continue
		}
		text := strings.TrimRight(m[2], ",)]")
		add(text)
		if first, _, more := strings.Cut(text, ","); more { // a list of options, or a comma in the secret
			add(first)
		}
	}
}

// isAWSKey reports whether the value is like an AWS secret access key: 40 characters of base64.
func isAWSKey(value string) bool {
	return len(value) == 40 && awsKey.MatchString(value) && strings.ContainsFunc(value, unicode.IsUpper) &&
		strings.ContainsFunc(value, unicode.IsLower) && strings.ContainsFunc(value, unicode.IsDigit)
}
