// Package notify tells people that something happened (通知): a message in
// their inbox (站内消息), and a mail when they have an address and want mails. A
// message is a text key with parameters, so everybody reads it in their own
// language, and a link to where it happened.
//
// Both belong to the transaction of the change they tell of; the mail is sent
// by a job that tries again. A message holds no secrets: inboxes are kept. What
// must carry one, such as a link to set a new password, is a Letter.
package notify
