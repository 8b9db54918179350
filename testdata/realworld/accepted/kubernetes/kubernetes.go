// Package kubernetes has typed clients of Kubernetes whose methods take and
// return plain values.
package kubernetes

import (
	authentication "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorization "k8s.io/client-go/kubernetes/typed/authorization/v1"
)

type (
	//pingo:plugin
	TokenReviews = authentication.TokenReviewInterface
	//pingo:plugin
	SelfSubjectReviews = authentication.SelfSubjectReviewInterface
	//pingo:plugin
	SubjectAccessReviews = authorization.SubjectAccessReviewInterface
)
