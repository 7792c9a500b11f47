// Package otelexport publishes an [observe.Set] to OpenTelemetry.
//
//	registration, err := otelexport.Register(otel.Meter("example.org/service"), set)
//
// The instruments are fanin.accepted, fanin.delivered and so on, with their units, each with one
// attribute, fanin.name. They are asynchronous: only a collection asks the fan-ins.
package otelexport
