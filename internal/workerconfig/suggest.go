package workerconfig

import (
	"maps"
	"slices"
	"strings"
)

// Suggest returns the known key that a worker of this mode may have meant by an
// unknown one, or "" when none is near. A slip of one letter in six is near, and
// of one in short keys, beginning at four letters; upper case, "_" and "-" in place
// of "." are no difference.
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
		if distance := editDistance(wanted, normalise(candidate)); distance < bestDistance {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

func normalise(name string) string {
	return strings.NewReplacer("_", ".", "-", ".").Replace(strings.ToLower(name))
}

// candidates are all keys that can be spelled out for a mode. The worker's own come
// first, so that of equally near ones they win.
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

// editDistance is the number of letters inserted, deleted, replaced or swapped with
// their neighbour that lead from a to b (optimal string alignment).
func editDistance(a, b string) int {
	var before, above []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, above, row = above, row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
