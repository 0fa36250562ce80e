package workerconfig

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// bareSecurity returns the security settings of Config that also apply to the clients
// with the prefix: those without a prefix, unless Config has the key with the prefix,
// too. The renderer has the settings of Security.
func (w Worker) bareSecurity(r *renderer, prefix ClientPrefix) securityLines {
	own := string(prefix) + "."
	protocol, ok := w.Config[own+protocolKey]
	if !ok {
		protocol = w.bareValue(r, protocolKey)
	}
	if !isSecured(protocol) {
		return nil
	}
	var lines securityLines
	for _, key := range slices.Sorted(maps.Keys(w.Config)) {
		if _, ownValue := w.Config[own+key]; isClientSecurity(key) && !ownValue && w.sharesAnchor(r, key, own) {
			lines = append(lines, securityProperty{key, w.Config[key], []string{"config", key}})
		}
	}
	return lines
}

// checkNotRepeated warns of the security settings of Config that do not reach the
// clients with the prefix, although these clients have their own protocol. For clients
// without one, checkClientPrefixes warns.
func (w Worker) checkNotRepeated(r *renderer, prefix ClientPrefix) {
	if _, ok := w.Config[string(prefix)+"."+protocolKey]; !ok {
		return
	}
	for _, line := range w.bareSecurity(r, prefix) {
		r.problem(SeverityWarning, line.key,
			fmt.Sprintf("%s does not apply to the %s clients of connectors: add %[2]q to client_prefixes, or %[2]s.%[1]s to config", line.key, prefix), line.path...)
	}
}

const protocolKey = "security.protocol"

// isSecured reports whether the protocol uses TLS or SASL.
func isSecured(protocol string) bool {
	return protocol != "" && !strings.EqualFold(trimAsJava(protocol), javaformat.Plaintext)
}

// bareValue returns the value of a security setting without a prefix.
func (w Worker) bareValue(r *renderer, key string) string {
	value, ok := w.Config[key]
	if !ok {
		value, _ = r.properties.Value(key)
	}
	return value
}

// isClientSecurity reports whether a key without a prefix is a security setting of
// Kafka clients. An unknown key can be a setting of a plugin, such as a class in
// ssl.engine.factory.class. A key that only workers know, such as ssl.client.auth, is
// for the REST API.
func isClientSecurity(key string) bool {
	if !strings.HasPrefix(key, "ssl.") && !strings.HasPrefix(key, "sasl.") && !strings.HasPrefix(key, "security.") {
		return false
	}
	known := knownKeys()
	_, ofWorker := known.worker[key]
	_, ofAdmin := known.clients[PrefixAdmin][key]
	return !ofWorker || ofAdmin
}

// securityGroup is a group of settings that make sense only together, such as the
// password and the type of a store.
type securityGroup struct {
	// members are the beginnings of the keys.
	members []string
	// anchors are the keys that decide what the other keys are about.
	anchors []string
}

var securityGroups = []securityGroup{
	{members: []string{"sasl."}, anchors: []string{"sasl.mechanism"}},
	{members: []string{"ssl.truststore."}, anchors: []string{"ssl.truststore.location", "ssl.truststore.certificates"}},
	{members: []string{"ssl.keystore.", "ssl.key."}, anchors: []string{"ssl.keystore.location", "ssl.keystore.key", "ssl.keystore.certificate.chain"}},
}

// sharesAnchor reports whether the setting fits the clients whose keys start with own.
// The password of the worker's store does not fit a client with another store.
func (w Worker) sharesAnchor(r *renderer, key, own string) bool {
	for _, group := range securityGroups {
		if !slices.ContainsFunc(group.members, func(member string) bool { return strings.HasPrefix(key, member) }) {
			continue
		}
		return !slices.ContainsFunc(group.anchors, func(anchor string) bool {
			value, given := w.Config[own+anchor]
			return given && value != w.bareValue(r, anchor)
		})
	}
	return true
}
