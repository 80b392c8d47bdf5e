package web

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// Staff lets those through who hold a right over a place: the desk is not for the
// people of an enterprise or an institution, who have spaces of their own.
func Staff(by authz.Actor, may authz.Permission) error {
	switch {
	case !by.SignedIn():
		return fault.New(fault.SignIn, "fault.sign_in")
	case len(by.Regions(may)) == 0:
		return fault.Closed()
	default:
		return nil
	}
}

// Holder lets those through who hold a right over anything: officials, and the
// people of an organisation that the records belong to.
func Holder(by authz.Actor, may authz.Permission) error {
	if err := SignedIn(by); err != nil {
		return err
	}
	if !by.Somewhere(may) {
		return fault.Closed()
	}
	return nil
}

// SignedIn lets everybody through who has signed in.
func SignedIn(by authz.Actor) error {
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	return nil
}

// Top is the place that the reader's lists begin at.
func Top(by authz.Actor, may authz.Permission, home region.Code) region.Code {
	if all := by.Regions(may); len(all) == 1 {
		return all[0]
	}
	return home
}
