using System.Globalization;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

public sealed class SipHash128Tests
{
    // The first three of the 64 vectors that the authors publish for SipHash-2-4-128: key 00 01 … 0f, message 00 01 ….
    [TestCase(0, "a3817f04ba25a8e66df67214c7550293")]
    [TestCase(1, "da87c1d86b99af44347659119b22fc45")]
    [TestCase(2, "8177228da4a45dc7fca38bdef60affe4")]
    public void Compute_PublishedVector_IsEqual(int length, string expected)
    {
        var message = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        var (first, second) = SipHash128.Compute(message, 0x0706050403020100, 0x0f0e0d0c0b0a0908);
        var bytes = BitConverter.GetBytes(first).Concat(BitConverter.GetBytes(second)).ToArray();
        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo(expected));
    }

    [Test]
    public void Compute_AnyBitOfTheMessage_ChangesBothHalves()
    {
        for (var length = 1; length < 40; length++)
        {
            var message = new byte[length];
            var before = SipHash128.Compute(message);
            message[length - 1] ^= 0x80;
            var after = SipHash128.Compute(message);
            Assert.That(
                after.First != before.First && after.Second != before.Second, Is.True, length.ToString(CultureInfo.InvariantCulture));
        }
    }
}
