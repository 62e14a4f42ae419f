using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class CanonicalZipTests
{
    [Test]
    public void ToBytes_SameTrainingTwice_SameBytes()
    {
        var first = ModelFiles.Save(seed: 1);
        var second = ModelFiles.With(ModelFiles.Save(seed: 1), (_, content) => content);

        Assert.That(second, Is.Not.EqualTo(first), "ML.NET writes the time.");
        Assert.That(CanonicalZip.Read(second).ToBytes(), Is.EqualTo(CanonicalZip.Read(first).ToBytes()));
    }

    [Test]
    public void ToBytes_ReadAgain_SameBytes()
    {
        var canonical = CanonicalZip.Read(ModelFiles.Trees).ToBytes();

        Assert.That(CanonicalZip.Read(canonical).ToBytes(), Is.EqualTo(canonical));
    }

    [Test]
    public void WrittenBy_Model_IsTheVersionOfMicrosoftML()
    {
        Assert.That(CanonicalZip.Read(ModelFiles.Trees).WrittenBy, Does.StartWith("5.0.1"));
        Assert.That(CanonicalZip.Read(ModelFiles.Zip(("a", [1]))).WrittenBy, Is.Null);
    }

    [Test]
    public void Read_FileWithBytesChanged_IsRefusedOrTheSame()
    {
        var file = ModelFiles.Trees;
        var canonical = CanonicalZip.Read(file).ToBytes();
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 1500; i++)
        {
            var damaged = file.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                var read = CanonicalZip.Read(damaged);

                // Times and attributes do not matter, and a name is only a name: what is in an entry has a checksum.
                Assert.That(read.Entries.Values, Is.EquivalentTo(CanonicalZip.Read(canonical).Entries.Values));
            }
            catch (MlOpsException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(1000));
    }

    [Test]
    public void Read_FileCutShort_IsRefused()
    {
        var file = ModelFiles.Trees;
        for (var length = 0; length < file.Length; length += 97)
        {
            Assert.That(() => CanonicalZip.Read(file[..length]), Throws.InstanceOf<MlOpsException>());
        }
    }

    [TestCase("../evil")]
    [TestCase("a/../../evil")]
    [TestCase("/etc/passwd")]
    [TestCase("C:/evil")]
    [TestCase("a//b")]
    [TestCase("a/./b")]
    [TestCase(@"..\evil")]
    [TestCase("a\0b")]
    [TestCase("a/ ../b")]
    [TestCase(" ")]
    public void Read_NameThatNoModelHas_IsRefused(string name)
    {
        Assert.That(
            () => CanonicalZip.Read(ModelFiles.Zip((name, [1]))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("name of the entry"));
    }

    [TestCase("a/b", "a/b")]
    [TestCase("a/b", @"a\b")]
    [TestCase("a/b", "A/b")]
    public void Read_NameThatOccursTwice_IsRefused(string first, string second)
    {
        Assert.That(
            () => CanonicalZip.Read(ModelFiles.Zip((first, [1]), (second, [2]))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("occurs twice"));
    }

    [Test]
    public void Read_BackslashesOfOldVersions_AreFolders()
    {
        Assert.That(CanonicalZip.Read(ModelFiles.Zip((@"Folder\Model.key", [1]))).Entries.Keys, Is.EqualTo(new[] { "Folder/Model.key" }));
    }

    [Test]
    public void Read_MoreBytesThanAllowed_IsRefused()
    {
        var file = ModelFiles.Zip(("a", new byte[6000]), ("b", new byte[6000]));

        Assert.That(() => CanonicalZip.Read(file, largestSize: 11_999), Throws.InstanceOf<MlOpsException>().With.Message.Contains("11999"));
        Assert.That(CanonicalZip.Read(file, largestSize: 12_000).Entries, Has.Count.EqualTo(2));
    }

    [Test]
    public void Read_EntryThatIsLargerThanItSays_IsRefused()
    {
        var file = ModelFiles.Zip(("a", new byte[6000]));
        var lying = file.ToArray();
        var size = BitConverter.GetBytes(6000);
        for (var at = lying.AsSpan().IndexOf(size); at >= 0; at = lying.AsSpan().IndexOf(size)) BitConverter.GetBytes(10).CopyTo(lying, at);

        Assert.That(() => CanonicalZip.Read(lying), Throws.InstanceOf<MlOpsException>());
    }
}
