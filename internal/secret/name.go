package secret

import (
	"slices"
	"strings"
	"unicode"
)

// Words that make a key secret. A word is a part of the key between dots, dashes, underscores and changes of case.
var (
	// secretParts are secret within a longer word, too: dbpassword, clientsecret.
	secretParts = []string{
		"password", "passwd", "passphrase", "passcode", "secret", "credential", "jaas", "apikey", "accesskey", "privatekey", "userinfo",
	}
	// secretEnds are secret at the end of a word: authtoken.
	secretEnds = []string{"token", "tokens", "pwd", "authorization"}
	// secretPairs are two words that are secret in this order.
	secretPairs = map[[2]string]bool{
		{"access", "key"}: true, {"account", "key"}: true, {"api", "key"}: true, {"auth", "key"}: true, {"confluent", "license"}: true,
		{"customer", "key"}: true, {"sas", "key"}: true,
		{"data", "keys"}: true, {"encryption", "key"}: true, {"hmac", "key"}: true, {"keystore", "key"}: true, {"license", "key"}: true,
		{"master", "key"}: true, {"private", "key"}: true, {"shared", "key"}: true, {"signing", "key"}: true, {"ssh", "key"}: true,
		{"subscription", "key"}: true, {"user", "info"}: true,
	}
)

// openEnds are last words of keys that only describe a secret: where it is, how long it is valid, who reads it.
var openEnds = wordSet(`
	file files filename path paths location directory dir folder bucket
	class classes classname type types kind source provider providers factory handler callback validator resolver retriever reader
	manager converter serializer deserializer extension implementation plugin
	ms millis milliseconds sec secs second seconds minute minutes hour hours day days interval timeout period ttl duration lifetime expiry expiration window jitter
	iterations length size bytes count limit max min retries attempts threshold level order
	algorithm algorithms cipher encoding charset format mode method strategy scheme policy version
	url urls uri uris endpoint endpoints host hosts port server domain region zone
	enable enabled disabled required allowed supported rotation refresh cache debug through
	id name names alias aliases arn user username login principal role scope scopes audience issuer subject claim claims
	field fields column columns property properties header headers attribute attributes prefix suffix pattern regex delimiter separator
	replacement mask topic topics table tables database schema
`)

// openSuffixes are ends of words that are written together, such as passwordfile.
var openSuffixes = []string{"file", "path", "class", "url", "uri", "location", "endpoint", "enabled", "keyid"}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		set[word] = true
	}
	return set
}

// Name reports whether the name of a key, or of an option within a value, says that its value is a secret:
// database.password, snowflake.private.key, SharedAccessKey. Keys that only describe a secret, such as
// gcp.credentials.file.path or token.refresh.interval.ms, are not secret.
func Name(key string) bool {
	words := words(withoutAlias(key))
	if describes(words) {
		return false
	}
	for i, word := range words {
		switch {
		case isManager(words, i):
		case slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(word, part) }),
			slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(word, end) }),
			i+1 < len(words) && secretPairs[[2]string{word, words[i+1]}],
			i == len(words)-1 && word == "pass":
			return true
		}
	}
	return false
}

// describes reports whether the key only describes a secret. The id of a secret is one: Vault's AppRole logs in with it.
func describes(words []string) bool {
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	if last == "id" && len(words) > 1 && words[len(words)-2] == "secret" {
		return false
	}
	if openEnds[last] || slices.ContainsFunc(openSuffixes, func(suffix string) bool { return strings.HasSuffix(last, suffix) }) {
		return true
	}
	// A number of tokens: max.tokens.per.request.
	counts := slices.ContainsFunc(words, func(word string) bool { return word == "max" || word == "min" || word == "num" })
	return counts && slices.Contains(words, "tokens")
}

// isManager reports whether the word is a part of the name of a product, such as AWS Secrets Manager.
func isManager(words []string, i int) bool {
	return strings.HasSuffix(words[i], "manager") ||
		strings.HasPrefix(words[i], "secret") && i+1 < len(words) && words[i+1] == "manager"
}

// aliased are prefixes that a name follows which the user has chosen, such as transforms.maskPassword.
var aliased = []string{"transforms.", "predicates.", "topic.creation.", "config.providers."}

// withoutAlias returns the key after the name that the user has chosen.
func withoutAlias(key string) string {
	for _, prefix := range aliased {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			_, rest, _ = strings.Cut(rest, ".")
			return rest
		}
	}
	return key
}

// words returns the words of a key in lower case, without digits at their end: sslKeyPassword2 has ssl, key, password.
func words(key string) []string {
	var list []string
	var word []rune
	end := func() {
		if text := strings.TrimRight(strings.ToLower(string(word)), "0123456789"); text != "" {
			list = append(list, text)
		}
		word = word[:0]
	}
	runes := []rune(key)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && unicode.IsLower(runes[i-1]), // keyPassword
			unicode.IsUpper(r) && i > 0 && unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1]): // SSLKey
			end()
		}
		word = append(word, r)
	}
	end()
	return list
}
