"""KMS shows of a key what AWS shows."""

from helpers.emulator import ACCOUNT, Emulator


def test_a_key_names_its_account_and_the_algorithms_of_its_use(aws: Emulator) -> None:
    found = aws.client("kms").create_key()["KeyMetadata"]
    assert (found["AWSAccountId"], found["EncryptionAlgorithms"]) == (ACCOUNT, ["SYMMETRIC_DEFAULT"])
    assert "SigningAlgorithms" not in found


def test_rotation_has_a_next_date_when_it_is_enabled(aws: Emulator) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]
    assert "NextRotationDate" not in kms.get_key_rotation_status(KeyId=key["KeyId"])
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key["Arn"])
    assert (status["KeyId"], (status["NextRotationDate"] - key["CreationDate"]).days) == (key["KeyId"], 90)
