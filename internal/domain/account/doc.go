// Package account keeps people (人员), how they sign in (登录), their sessions
// (会话), and what each may do where (角色与授权).
//
// # Words
//
//   - A person (人员) signs in with a phone number or an e-mail address, one
//     password and, when working for an office, a second factor (动态口令).
//   - A role (角色) is a named set of permissions; roles are data, seeded from
//     the program's list at each start. A grant (授权) gives a person a role
//     over the subtree of a region, or over one organisation.
//   - The role Self (本人) is nobody's grant: everyone holds it over themselves.
//   - An invitation (邀请) is a grant waiting for its person.
//   - A founder (创业者) is a person without an enterprise yet. What they say
//     about their situation is optional and leaves this package only as counts.
//
// # What always holds
//
//   - Three administrators are apart (三员分立): the system administrator keeps
//     accounts, the security administrator grants and settings, the audit
//     administrator reads the trail. Nobody holds two; the last of each stays.
//   - Nobody grants a right to themselves, nor over a place where they do not
//     hold the right to grant. Whoever invites without that right can pass on
//     only what they may do there themselves.
//   - Sign-in, registering, recovering and accepting give the same answer, at
//     the same cost, whether or not there is such an account. Guessing is slowed
//     by login and network together, so that nobody can lock out somebody else.
//   - Passwords are argon2id; tokens and codes are stored as keyed hashes;
//     second-factor keys are encrypted. None of them, and no phone number or
//     address, is ever in the audit trail or a log.
//
// # How far a phone number is proven
//
// There is no text message gateway. An address is proven by the code mailed to
// it, and only a proven one can sign in or recover. A phone number is taken as
// given at registration and marked as seen when a member of staff checks it
// (CheckPhone); what an account can do beyond its own affairs always needs a
// grant that a person has decided on. Registering reveals to a determined
// caller whether a phone number is free, because only then does the new
// password work; it is limited per network, and the owner is told.
//
// # Keys
//
// A program acts for a person with a key (接口密钥): what the person may do, cut
// down to the key's scopes, until a day at most a year away. A key made before
// an office was granted does not reach it. When staff stop an account or reset
// its second factor, or a password is recovered, the keys end with the sessions.
//
// # Outside the gate
//
// Counters of attempts, a session's last-seen time and the day a key was last
// used are written with db.Write. Beginning and ending a session, failed sign-ins and everything else
// goes through the gate and is in the audit trail.
package account
