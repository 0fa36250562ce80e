// Package javaformat reads and writes the texts that Java clients of Kafka are configured with: properties
// files ([EncodeProperties], [DecodeProperties]) and the value of sasl.jaas.config ([JAAS], [ParseJAAS]). It also
// holds the names that these texts use: security protocols, SASL mechanisms and their login modules.
//
// Readers and writers match java.util.Properties and Kafka's JaasConfig for every input. The oracle tests compare
// them with the JVM.
package javaformat
