using System.Globalization;
using System.Text;
using Amazon.Runtime;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The signature of the fake is that of AWS's documentation, and that of the target is the fake's.</summary>
[TestFixture]
public sealed class SigV4Tests
{
    // https://docs.aws.amazon.com/general/latest/gr/sigv4-create-canonical-request.html
    [Test]
    public void Sign_TheExampleOfAws_IsItsSignature() => Assert.That(
        SigV4.Sign(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "20150830/us-east-1/iam/aws4_request",
            "20150830T123600Z",
            "GET",
            "/",
            "Action=ListUsers&Version=2010-05-08",
            [
                new("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                new("host", "iam.amazonaws.com"),
                new("x-amz-date", "20150830T123600Z"),
            ],
            []),
        Is.EqualTo("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"));

    [TestCase(null)]
    [TestCase("session")]
    public void Create_AnyRequest_IsSignedLikeTheDescription(string? token)
    {
        var body = Encoding.UTF8.GetBytes("{\"ModelName\":\"é\"}");
        using var request = SignedHttp.Create(
            new Uri("https://api.sagemaker.eu-central-1.amazonaws.com"),
            "/",
            [new("Content-Type", "application/x-amz-json-1.1"), new("X-Amz-Target", "SageMaker.DescribeModel")],
            body,
            "eu-central-1",
            new ImmutableCredentials("AKIDEXAMPLE", "secret-key-of-tests", token),
            new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        var authorization = request.Headers.GetValues("Authorization").Single();
        var signed = authorization.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        var signature = SigV4.Sign(
            "secret-key-of-tests",
            "20260301/eu-central-1/sagemaker/aws4_request",
            "20260301T120000Z",
            "POST",
            "/",
            "",
            [.. signed.Select(name => new KeyValuePair<string, string>(name, ValueOf(request, name)))],
            body);
        Assert.Multiple(() =>
        {
            Assert.That(
                authorization, Does.StartWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/eu-central-1/sagemaker/aws4_request"));
            Assert.That(authorization, Does.EndWith($"Signature={signature}"));
            Assert.That(signed, Is.SupersetOf(new[] { "content-type", "host", "x-amz-date", "x-amz-target" }));
            Assert.That(signed.Contains("x-amz-security-token"), Is.EqualTo(token is not null));
            Assert.That(request.ToString(), Does.Not.Contain("secret-key-of-tests"));
        });
    }

    private static string ValueOf(HttpRequestMessage request, string name) => name switch
    {
        "host" => request.RequestUri!.Host,
        "content-type" => request.Content!.Headers.GetValues(name).Single(),
        _ => request.Headers.GetValues(name).Single().ToString(CultureInfo.InvariantCulture),
    };
}
