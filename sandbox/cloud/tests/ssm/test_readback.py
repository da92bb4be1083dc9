"""Parameter Store shows what a parameter was given, and nothing else."""

from helpers.emulator import Emulator


def test_a_parameter_shows_no_empty_texts(aws: Emulator) -> None:
    ssm = aws.client("ssm")
    for name, more in (("/readback/bare", {}), ("/readback/told", {"Description": "Told"})):
        ssm.put_parameter(Name=name, Value="a", Type="String", **more)
    below = [{"Key": "Name", "Option": "BeginsWith", "Values": ["/readback/"]}]
    bare, told = ssm.describe_parameters(ParameterFilters=below)["Parameters"]
    assert not {"Description", "AllowedPattern"} & set(bare)
    assert (bare["Policies"], told["Description"]) == ([], "Told")
