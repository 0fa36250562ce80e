package main

import (
	"maps"
	"slices"
	"testing"
)

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string // nil: an error
	}{
		"two licences in one file": {"The MIT License\n\nPermission is hereby granted, free of charge, to any\nperson obtaining a copy of this software and" +
			" Apache License\n   Version 2.0, January 2004\n", []string{"Apache-2.0", "MIT"}},
		"MPL mentions GNU licences": {"Mozilla Public License, version 2.0 … means either the GNU General Public License, Version 2.0", []string{"MPL-2.0"}},
		"GPL":                       {"GNU GENERAL PUBLIC LICENSE\n Version 3", nil},
		"LGPL beside MIT":           {"Permission is hereby granted, free of charge, to any person obtaining a copy of this software. GNU LESSER GENERAL\nPUBLIC LICENSE", nil},
		"BUSL":                      {"License text copyright (c) 2020 MariaDB … Business Source License 1.1", nil},
		"unknown":                   {"All rights reserved.", nil},
	} {
		got := map[string]bool{}
		err := read([]byte(c.text), got)
		if (err != nil) != (c.want == nil) || err == nil && !slices.Equal(slices.Sorted(maps.Keys(got)), c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}
