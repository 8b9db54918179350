// Package protobuf has services that were generated from protobuf, whose
// messages have only unexported state of interest.
package protobuf

import channelz "google.golang.org/grpc/channelz/grpc_channelz_v1"

// Channelz is a service without streams.
//
//pingo:plugin
type Channelz = channelz.ChannelzServer
