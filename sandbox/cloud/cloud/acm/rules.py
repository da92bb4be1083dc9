"""What ACM refuses."""

from ministack.services import alb

from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    alb: "_listeners",
}


@rule("acm", "DeleteCertificate")
def _unused(call: Call) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html"""
    arn = call.parameters["CertificateArn"]
    if any(arn in each.get("Certificates", []) for each in alb._listeners.values()):
        raise Refused("ResourceInUseException", f"Certificate {arn} in account {call.account} is in use.")
