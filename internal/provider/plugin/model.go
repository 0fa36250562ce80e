// Package plugin implements the data sources kafkaconnect_plugin and kafkaconnect_plugins.
package plugin

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// installedModel is a plugin in a list.
type installedModel struct {
	Class   types.String `tfsdk:"class"`
	Type    types.String `tfsdk:"type"`
	Version types.String `tfsdk:"version"`
}

// keyModel is a key that a plugin defines.
type keyModel struct {
	Name          types.String `tfsdk:"name"`
	Type          types.String `tfsdk:"type"`
	Default       types.String `tfsdk:"default"`
	Required      types.Bool   `tfsdk:"required"`
	Importance    types.String `tfsdk:"importance"`
	Documentation types.String `tfsdk:"documentation"`
}

// fromInstalled converts a list of plugins, and sorts it.
func fromInstalled(installed []connectclient.Plugin) []installedModel {
	list := make([]installedModel, 0, len(installed))
	for _, p := range sorted(installed) {
		list = append(list, installedModel{types.StringValue(p.Class), types.StringValue(p.Type), textOrNull(p.Version)})
	}
	return list
}

func sorted(installed []connectclient.Plugin) []connectclient.Plugin {
	return slices.SortedFunc(slices.Values(installed), func(a, b connectclient.Plugin) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Version, b.Version))
	})
}

// fromKeys converts keys in the order of the worker. The default of a secret is left out.
func fromKeys(keys []connectclient.ConfigKey) []keyModel {
	list := make([]keyModel, 0, len(keys))
	for _, k := range keys {
		m := keyModel{
			Name: types.StringValue(k.Name), Type: textOrNull(k.Type), Default: types.StringPointerValue(k.Default), Required: types.BoolValue(k.Required),
			Importance: textOrNull(k.Importance), Documentation: textOrNull(k.Documentation),
		}
		if k.Default != nil && secret.Why(k.Name, *k.Default, k.Secret()).IsSecret() {
			m.Default = types.StringNull()
		}
		list = append(list, m)
	}
	return list
}

// of returns the different values of a field of the plugins with a class, except empty ones.
func of(installed []connectclient.Plugin, class string, field func(connectclient.Plugin) string) []string {
	values := []string{}
	for _, p := range installed {
		if value := field(p); p.Class == class && value != "" && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// suggestion ends the message about a class that is not installed: with a similar one, if there is one.
func suggestion(installed []connectclient.Plugin, class string) string {
	best, least := "", max(3, len(class)/5)+1
	for _, p := range sorted(installed) {
		distance := levenshtein.Distance(strings.ToLower(simpleName(p.Class)), strings.ToLower(simpleName(class)), nil)
		if strings.HasPrefix(simpleName(p.Class), simpleName(class)) { // an alias, such as FileStreamSource
			distance = 0
		}
		if distance < least {
			best, least = p.Class, distance
		}
	}
	if best == "" {
		return "The data source kafkaconnect_plugins lists the installed plugins."
	}
	return "Did you mean " + diagnostics.Quoted(best) + "?"
}

// simpleName returns the name of a class without its package.
func simpleName(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
