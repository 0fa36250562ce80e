package javaformat_test

import (
	"math/rand/v2"
	"strings"
)

// pairs returns keys and values that alternate as a map.
func pairs(texts []string) map[string]string {
	values := make(map[string]string, len(texts)/2)
	for i := 0; i+1 < len(texts); i += 2 {
		values[texts[i]] = texts[i+1]
	}
	return values
}

// newRandom returns the same sequence in every run, so that a difference found
// once is found again.
func newRandom() *rand.Rand {
	return rand.New(rand.NewPCG(4, 1))
}

// awkward are the characters at which writers and readers of properties and JAAS
// err.
var awkward = []rune("\"\\'`;=#!:$,{}[]() \t\n\r\f\v\b\x00\x7f/*-+._~^%&|<>?@unrtfx0479aZéß\u0080\u009f\u00a0\u00ffıſ漢字\u2028\ufeff\ufffd\uffff😀𝒳")

// randomText returns up to maxRunes characters, half of them awkward, the rest
// from all of Unicode outside surrogates.
func randomText(random *rand.Rand, maxRunes int) string {
	var text strings.Builder
	for range random.IntN(maxRunes + 1) {
		switch random.IntN(8) {
		case 0:
			text.WriteRune(randomRune(random))
		case 1, 2, 3:
			text.WriteByte(byte(' ' + random.IntN('~'-' '+1)))
		default:
			text.WriteRune(awkward[random.IntN(len(awkward))])
		}
	}
	return text.String()
}

func randomRune(random *rand.Rand) rune {
	const surrogates = 0xE000 - 0xD800
	r := rune(random.IntN(0x110000 - surrogates))
	if r >= 0xD800 {
		r += surrogates
	}
	return r
}
