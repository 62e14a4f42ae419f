using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

/// <summary>What writers of the same folder do with the files of one another.</summary>
[TestFixture]
public sealed class LakeFolderTests : LakeFixture
{
    [Test]
    public async Task PutAsync_TemporaryFileOfAnother_IsRemovedWhenItIsOld()
    {
        await PutAsync("t/a.csv", "x\n1\n");
        string[] others = [Path.Combine(LakePath, "t/.mlops-put-new.tmp"), Path.Combine(LakePath, "t/.mlops-put-old.tmp")];
        foreach (var other in others) await File.WriteAllTextAsync(other, "x");
        File.SetLastWriteTimeUtc(others[1], DateTime.UtcNow.AddHours(-2));

        await PutAsync("t/b.csv", "x\n1\n");

        Assert.That(others.Select(File.Exists), Is.EqualTo(new[] { true, false }));
    }
}
