package worker

import (
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Attributes that have to be named more than once.
const (
	attrBootstrapServers = "bootstrap_servers"
	attrConfig           = "config"
	attrConfigProviders  = "config_providers"
	attrConfigSensitive  = "config_sensitive"
	attrContent          = "content"
	attrContentSHA256    = "content_sha256"
	attrEnvironment      = "environment"
	attrFilePermission   = "file_permission"
	attrFileStatus       = "file_status"
	attrPassword         = "password"
	attrPasswordWO       = "password_wo"
	attrPath             = "path"
	attrProperties       = "properties"
	attrRevision         = "revision"
	attrSASL             = "sasl"
	attrSecurity         = "security"
	attrWorkers          = "workers"
)

// join are the attributes of all the maps.
func join(all ...map[string]attribute) map[string]attribute {
	joined := map[string]attribute{}
	for _, some := range all {
		maps.Copy(joined, some)
	}
	return joined
}

// distributedAttributes are what a group of distributed workers is declared by.
func distributedAttributes() map[string]attribute {
	return join(workerAttributes(), storageAttributes(), map[string]attribute{
		"group_id": {required: true, description: "`group.id`: the name that the workers of the group have in common. It must differ from that of every other " +
			"group on the cluster, of workers as of consumers."},
		"exactly_once_source_support": {description: "`disabled`, `preparing` or `enabled`. Default `disabled`. All workers of a running group go through `preparing` first."},
	})
}

func storageAttributes() map[string]attribute {
	topic := func(what string) attribute {
		return attribute{required: true, description: "Topic that holds " + what + ", the same in every worker of the group and in no other group."}
	}
	partitions := func(byDefault string) attribute {
		return attribute{kind: kindNumber, description: "Partitions that the first worker creates the topic with if it does not exist. Default " + byDefault +
			", Kafka's own. It changes nothing of a topic that exists: kafkaconnect_internal_topic does."}
	}
	replicas := attribute{kind: kindNumber, description: "Replicas that the first worker creates the topic with if it does not exist; -1 for the broker's default. " +
		"Default 3, Kafka's own."}
	return map[string]attribute{
		"offset_storage_topic":              topic("how far source connectors have read"),
		"offset_storage_partitions":         partitions("25"),
		"offset_storage_replication_factor": replicas,
		"config_storage_topic":              topic("the configurations of connectors, in one partition"),
		"config_storage_replication_factor": replicas,
		"status_storage_topic":              topic("the states of connectors and tasks"),
		"status_storage_partitions":         partitions("5"),
		"status_storage_replication_factor": replicas,
	}
}

// workerAttributes are what distributed and stand-alone workers have in common.
func workerAttributes() map[string]attribute {
	return join(placeAttributes(), map[string]attribute{
		attrBootstrapServers: {kind: kindList, description: "Brokers that the workers ask first, as `host:port`. By default those of the provider's `kafka` attribute."},
		"key_converter":      {required: true, description: "Class that turns the keys of records to bytes and back, unless a connector names its own."},
		"value_converter":    {required: true, description: "Class that turns the values of records to bytes and back, unless a connector names its own."},
		"header_converter":   {description: "Class that turns the headers of records to bytes and back. Kafka's default is its `SimpleHeaderConverter`."},
		attrSecurity: {kind: kindObject, nested: securityAttributes(), description: "How the workers connect to the brokers. Written once, it is rendered for the worker itself and, " +
			"by `client_prefixes`, for the clients of connectors, which bare settings do not reach. Without it there is neither encryption nor authentication."},
		"client_prefixes": {kind: kindSet, description: "Clients of connectors that `security` is for: `producer` (sources), `consumer` (sinks) and `admin` " +
			"(creation of topics). Default all three; without one of them such connectors cannot reach a secured cluster."},
		attrConfigProviders: {kind: kindObjects, nested: configProviderAttributes(), description: "Config providers that resolve placeholders such as " +
			"`${file:/run/secrets/kafka:password}`, by the name in the placeholder. Those named `file`, `directory` and `env` need no entry."},
		attrConfig: {kind: kindMap, description: "Any other worker setting. A key that an attribute stands for is an error, one that is close to a known one a warning."},
		attrConfigSensitive: {kind: kindMap, sensitive: true, description: "More of `config`, whose values Terraform keeps out of its output.",
			stored: " They are stored in the state; a placeholder of a config provider, which may stand in `config`, keeps a secret out of both."},
	})
}

// placeAttributes are what may differ between the workers of a group.
func placeAttributes() map[string]attribute {
	return map[string]attribute{
		"plugin_path":          {kind: kindList, description: "Folders and archives in which workers look for plugins. By default only those on Kafka's own class path are there."},
		"listeners":            {kind: kindList, description: "URLs on which the REST API listens, `http` or `https`. Kafka's default is `http://:8083`."},
		"advertised_host_name": {description: "Host name by which the worker can be reached. By default the first listener's, else the machine's own."},
		"advertised_port":      {kind: kindNumber, description: "Port by which the worker can be reached. By default the first listener's."},
		"advertised_listener":  {description: "`http` or `https`: the listener by which the worker can be reached. By default the first."},
		"client_rack":          {description: "Rack or zone of the worker, so that it and its sinks read from replicas nearby. None by default."},
	}
}

func configProviderAttributes() map[string]attribute {
	return map[string]attribute{
		"class":      {description: "Java class of the config provider. By default Kafka's own where the name is `file`, `directory` or `env`; required otherwise."},
		"parameters": {kind: kindMap, description: "Parameters of the config provider, such as `allowed.paths`. None by default."},
	}
}

func securityAttributes() map[string]attribute {
	return map[string]attribute{
		"protocol":     {required: true, description: "`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`."},
		attrSASL:       {kind: kindObject, nested: saslAttributes(), description: "How to authenticate; required with `SASL_PLAINTEXT` and `SASL_SSL`."},
		"ssl_protocol": {description: "Version of TLS, such as `TLSv1.2`. Kafka's default is `TLSv1.3`."},
		"ssl_enabled_protocols": {kind: kindList, description: "Versions of TLS that may be agreed on. By default `ssl_protocol` alone if that is given, else Kafka's " +
			"own default, `TLSv1.2` and `TLSv1.3`."},
		"ssl_endpoint_identification_algorithm": {description: "`HTTPS` (default with TLS) checks that the broker's certificate is for the name that was connected to; " +
			"the empty text turns that check off."},
		"truststore": {kind: kindObject, nested: trustStoreAttributes(), description: "Certificates that brokers are checked with. By default those that Java trusts."},
		"keystore":   {kind: kindObject, nested: keyStoreAttributes(), description: "The worker's own certificate and key, for brokers that require one. None by default."},
	}
}

func saslAttributes() map[string]attribute {
	return map[string]attribute{
		"mechanism": {required: true, description: "`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`; with `jaas_config` also `GSSAPI`, `OAUTHBEARER` or one of a plugin."},
		"username":  {description: "User name, for `PLAIN` and `SCRAM`."},
		attrPassword: {sensitive: true, description: "Password, for `PLAIN` and `SCRAM`. What a placeholder such as `$${file:/run/secrets/kafka:password}` stands for must have " +
			"each `\"` and `\\` in it escaped by a backslash, because the worker inserts it before it reads the JAAS configuration.",
			stored: " A literal password is stored in the state; `password_wo` and a placeholder are not."},
		attrPasswordWO: {writeOnly: true, sensitive: true, description: "Password that goes only into the file at `path`, never into state or plan, and is no part of `content`, " +
			"`properties` and `environment`. Needs Terraform 1.11 or later. A changed one is noticed and rewrites the file."},
		"jaas_config": {sensitive: true, description: "The whole value of `sasl.jaas.config`, in place of user name and password; the function `jaas_config` writes one."},
	}
}

func trustStoreAttributes() map[string]attribute {
	return map[string]attribute{
		"type":         {description: "`JKS`, `PKCS12` or `PEM`. Default `PEM` with `certificates`, else Kafka's, `JKS`."},
		"location":     {description: "File on the worker's machine."},
		"password":     {sensitive: true, description: "Password of the file; PEM has none. A placeholder is not resolved before the worker reads it.", stored: " A literal one is stored in the state."},
		"certificates": {description: "Certificates as PEM text, in place of `location`. Needs workers of 2.7 or later."},
	}
}

func keyStoreAttributes() map[string]attribute {
	return map[string]attribute{
		"type":              {description: "`JKS`, `PKCS12` or `PEM`. Default `PEM` with `key`, else Kafka's, `JKS`."},
		"location":          {description: "File on the worker's machine."},
		"password":          {sensitive: true, description: "Password of the file; PEM has none. A placeholder is not resolved before the worker reads it.", stored: " A literal one is stored in the state."},
		"key_password":      {sensitive: true, description: "Password of the key, where it is encrypted.", stored: " Stored like `password`."},
		"certificate_chain": {description: "Certificate and its chain as PEM text, with `key` and in place of `location`."},
		"key":               {sensitive: true, description: "Private key as PEM text in PKCS #8.", stored: " Stored like `password`."},
	}
}

// renderedAttributes are the outcome for one worker. They may hold secrets that the configuration gives literally.
func renderedAttributes() map[string]attribute {
	return map[string]attribute{
		attrContent: {computed: true, sensitive: true, description: "Text of the properties file to start the worker with.",
			stored: " With `password_wo` a comment stands in the place of every secret."},
		attrProperties: {kind: kindMap, computed: true, sensitive: true, description: "The settings by key.", stored: " Secrets are left out with `password_wo`."},
		attrEnvironment: {kind: kindMap, computed: true, sensitive: true, description: "The `CONNECT_…` variables by which container images such as `cp-kafka-connect` get the same " +
			"settings. Null when a key cannot be expressed as a variable, which the function `worker_environment` explains."},
	}
}

// fileAttributes are about the file of one worker.
func fileAttributes() map[string]attribute {
	return map[string]attribute{
		attrPath: {validators: []validator.String{stringvalidator.LengthAtLeast(1)}, description: "File that the apply writes, secrets included, at once and as a whole. Its folder must exist. " +
			"A file that exists already with other content is left alone, with an error. No file by default."},
		attrContentSHA256: {computed: true, description: "SHA-256 of `content` in hexadecimal digits, with a comment in the place of every secret, literal ones too."},
		attrFileStatus: {computed: true, description: "`written` when the file at `path` is as it was written. The plan shows `changed` or `missing` when it is not, and the apply restores it. " +
			"Null without `path`."},
	}
}

// resourceOnly are attributes of the resources as a whole.
func resourceOnly() map[string]attribute {
	return map[string]attribute{
		attrFilePermission: {
			validators:  []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^0?[0-7]{3}$`), "must be an octal number such as 0640")},
			description: "Permission of the file as an octal number. Default `0600`: the owner alone.",
		},
		attrRevision: {kind: kindNumber, computed: true, description: "Number that grows by one whenever what a worker would read changes, secrets included. Let it trigger restarts of workers."},
	}
}

// workersAttribute is the map of the workers of a group, with what each renders.
func workersAttribute(rendered ...map[string]attribute) map[string]attribute {
	return map[string]attribute{
		attrWorkers: {kind: kindObjects, nested: join(append(rendered, placeAttributes())...), description: "The workers of the group by name, each with what differs from the rest of " +
			"this configuration. By default all workers are alike.", stored: " Each of these has its own `content` and, if given, its own `path`, in place of those of the resource."},
	}
}
