package workerconfig

import (
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Suggest returns the known key of this mode that is most similar to an unknown one,
// or "" if none is similar. One slip per six letters is similar, at least one and at
// most three; keys of fewer than four letters are never similar. Upper case, and "_"
// and "-" in place of ".", are not slips.
func Suggest(name string, mode Mode) string {
	wanted := normalise(name)
	limit := min(max(1, len(wanted)/6), 3)
	if len(wanted) < 4 {
		return ""
	}
	best, bestDistance := "", limit+1
	for _, candidate := range candidates(mode) {
		if apart := len(candidate) - len(wanted); apart > limit || -apart > limit {
			continue
		}
		if d := distance(wanted, normalise(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

func normalise(name string) string {
	return strings.NewReplacer("_", ".", "-", ".").Replace(strings.ToLower(name))
}

// candidates returns all known keys of a mode with their prefixes. The worker's own
// keys come first and win over other keys of the same distance.
func candidates(mode Mode) []string {
	known := knownKeys()
	var names []string
	for name, key := range known.worker {
		if key.Mode == mode || key.Mode == ModeBoth {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, client := range bareClients(mode) {
		names = append(names, slices.Sorted(maps.Keys(known.clients[client]))...)
	}
	for _, p := range prefixes {
		if p.keys == nil || p.distributed && mode == ModeStandalone {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.keys(known))) {
			names = append(names, p.text+name)
		}
	}
	return names
}

// distance is the Levenshtein distance, except that two swapped neighbours count as one slip.
func distance(a, b string) int {
	d := levenshtein.Distance(a, b, nil)
	if d == 2 && len(a) == len(b) {
		i := 0
		for a[i] == b[i] {
			i++
		}
		if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
			return 1
		}
	}
	return d
}
