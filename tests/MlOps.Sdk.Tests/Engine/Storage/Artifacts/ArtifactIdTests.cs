using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class ArtifactIdTests
{
    private const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Test]
    public void Of_KnownText_IsItsSha256() => Assert.That(ArtifactId.Of("abc"u8).Hex, Is.EqualTo(Abc));

    [Test]
    public void Parse_OwnText_GivesTheSameId() => Assert.That(ArtifactId.Parse(Abc), Is.EqualTo(ArtifactId.Of("abc"u8)));

    [TestCase("")]
    [TestCase("ba78")]
    [TestCase("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [TestCase("../../../../../../../../../../../../../../../../../../../../passwd")]
    [TestCase("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a\n")]
    public void Parse_AnythingElse_Throws(string text) => Assert.That(() => ArtifactId.Parse(text), Throws.TypeOf<MlOpsException>());

    [Test]
    public void Hex_NeverSet_Throws() => Assert.That(() => default(ArtifactId).Hex, Throws.InvalidOperationException);
}
