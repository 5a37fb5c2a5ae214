// Command firewall keeps the network of one task as its security groups have it.
//
// Without an argument it lets nobody in, and holds the network until it is asked to end. With rules as its argument it puts
// them in place of those that hold, and ends.
package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

const (
	offsetOfSource = 12 // in an IPv4 header
	offsetOfPort   = 2  // in a TCP header
	addressBytes   = 4
	portBytes      = 2
)

// admission lets those of a network connect to a range of ports.
type admission struct {
	From     netip.Prefix `json:"from"`
	FromPort uint16       `json:"fromPort"`
	ToPort   uint16       `json:"toPort"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	var admissions []admission
	if len(arguments) > 0 {
		if err := json.Unmarshal([]byte(arguments[0]), &admissions); err != nil {
			return err
		}
		return apply(admissions)
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
	if err := apply(nil); err != nil {
		return err
	}
	<-asked
	return nil
}

// apply replaces all rules at once.
func apply(admissions []admission) error {
	connection, err := nftables.New()
	if err != nil {
		return err
	}
	table := connection.AddTable(&nftables.Table{Name: "task", Family: nftables.TableFamilyIPv4})
	drop := nftables.ChainPolicyDrop
	chain := connection.AddChain(&nftables.Chain{
		Name: "input", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter, Policy: &drop,
	})
	connection.FlushChain(chain)
	accept := func(when ...expr.Any) {
		when = append(when, &expr.Verdict{Kind: expr.VerdictAccept})
		connection.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: when})
	}
	accept(withinTheTask()...)
	accept(answers()...)
	for _, one := range admissions {
		accept(one.matches()...)
	}
	return connection.Flush()
}

// withinTheTask matches what its containers say to each other.
func withinTheTask() []expr.Any {
	loopback := append([]byte("lo"), make([]byte, unix.IFNAMSIZ-len("lo"))...)
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyIIFNAME, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: loopback},
	}
}

// answers matches what belongs to a connection that was let in, or that the task itself has opened.
func answers() []expr.Any {
	state := binaryutil.NativeEndian.PutUint32(expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED)
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: state, Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

func (a admission) matches() []expr.Any {
	network := a.From.Masked().Addr().As4()
	mask := binaryutil.BigEndian.PutUint32(^uint32(0) << (32 - a.From.Bits()))
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offsetOfSource, Len: addressBytes},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: addressBytes, Mask: mask, Xor: make([]byte, addressBytes)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: network[:]},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offsetOfPort, Len: portBytes},
		&expr.Cmp{Op: expr.CmpOpGte, Register: 1, Data: binaryutil.BigEndian.PutUint16(a.FromPort)},
		&expr.Cmp{Op: expr.CmpOpLte, Register: 1, Data: binaryutil.BigEndian.PutUint16(a.ToPort)},
	}
}
