package secret

import (
	"regexp"
	"strings"
)

// maskWords are what workers, distributions and proxies write in place of a secret.
const maskWords = `(?:value |secret |password |sensitive )?(?:is )?(?:hidden|redacted|masked|obfuscated|protected|omitted|filtered|removed|encrypted|not shown|sensitive|sensitive value|secret|password)`

var (
	wholeMask = regexp.MustCompile(`^(?:[*∗＊•●∙·█▪■]{3,}|(?i:[\[<({*_#-]+ ?` + maskWords + ` ?[\]>)}*_#-]+)|HIDDEN|REDACTED|MASKED)$`)

	// partMask is a mask within a value that otherwise shows what is not secret: jdbc:x?password=***, mongodb://u:****@h.
	partMask = regexp.MustCompile(`[*•●]{4,}|[:=]\s*["']?(?:[*•●]{3,}|(?i:[\[<(]` + maskWords + `[\]>)]))|://[^\s/?#@:]*:x{3,}@`)
)

// showsMask reports whether the value is a mask whatever its key is. Asterisks can be the value of any key.
func showsMask(value string) bool {
	return IsMask(value) && strings.Trim(value, "* ") != ""
}

// MayBeMasked reports whether a mask counts as one for a key with this value: the name of the key or the form of the value shows
// that the value is a secret.
func MayBeMasked(key, value string) bool { return Name(key) || Why(key, value, false).IsSecret() }

// IsMask reports whether the value is, or contains, what is shown in place of a secret: asterisks, bullets, [hidden].
// Only a value whose key is secret may be judged: *** can be the value of any other key.
func IsMask(value string) bool {
	return wholeMask.MatchString(strings.TrimSpace(value)) || strings.ContainsAny(value, "*•●[<(x") && partMask.MatchString(value)
}
