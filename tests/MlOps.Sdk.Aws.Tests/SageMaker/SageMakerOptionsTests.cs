using MlOps.Sdk.Deployment;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

[TestFixture]
public sealed class SageMakerOptionsTests
{
    private static readonly (string Option, Action<SageMakerOptions> Set)[] Mistakes =
    [
        ("RoleArn is 'models', and no ARN", options => options.RoleArn = "models"),
        ("Image is empty", options => options.Image = ""),
        ("Image is 'a b'", options => options.Image = "a b"),
        ("InstanceType", options => options.InstanceType = "m5.large"),
        ("InstanceCount", options => options.InstanceCount = 0),
        ("NamePrefix", options => options.NamePrefix = "a_b"),
        ("Environment", options => options.Environment.Add("a-b", "x")),
        ("Tags", options => options.Tags.Add("mlops:version", "1")),
        ("Tags", options => options.Tags.Add("owner", "a;b")),
        ("RollingBatchPercent", options => (options.RollingBatchPercent, options.InstanceCount) = (4, 4)),
        ("RollingBatchPercent", options => options.RollingBatchPercent = 50),
        ("Bake", options => options.Bake = TimeSpan.FromMilliseconds(1500)),
        ("RollbackAlarms", options => options.RollbackAlarms.Add("")),
        ("Previous", options => options.Previous = (SageMakerPrevious)9),
        ("PreviousShare", options => options.PreviousShare = 0.6),
        ("PreviousShare", options => options.PreviousShare = double.NaN),
        ("PollInterval", options => options.PollInterval = TimeSpan.Zero),
        ("Patience", options => options.Patience = TimeSpan.FromMinutes(9)),
        ("Region", options => options.Region = "Frankfurt"),
        ("ApiAddress", options => options.ApiAddress = new Uri("https://a.example/path")),
        ("ApiAddress", options => options.ApiAddress = new Uri("http://a.example")),
        ("RuntimeAddress", options => options.RuntimeAddress = new Uri("ftp://a.example")),
        ("RuntimeAddress", options => options.RuntimeAddress = new Uri("http://a.example")),
        ("SageMakerOptions.Upload.Bucket, 'A', is no name", options => options.Upload.Bucket = "A"),
        ("SageMakerOptions.Upload.PartSize: The size of a part", options => options.Upload.PartSize = 1),
    ];

    [TestCaseSource(nameof(Mistakes))]
    public void Checked_Mistake_NamesTheOption((string Option, Action<SageMakerOptions> Set) mistake)
    {
        var options = Valid();
        mistake.Set(options);

        Assert.That(() => options.Checked(), Throws.InstanceOf<ArgumentException>().With.Message.Contains(mistake.Option));
    }

    [Test]
    public void Checked_ChangedLater_KeepsWhatWasSet()
    {
        var options = Valid();
        var kept = options.Checked();
        options.Tags.Add("late", "1");
        options.Upload.Bucket = "another";

        Assert.That((kept.Tags.Count, kept.Upload.Bucket, kept.Upload.Prefix), Is.EqualTo((0, "models", "sagemaker")));
    }

    [TestCase("churn", ExpectedResult = "churn")]
    [TestCase("customer-churn", ExpectedResult = "customer-churn")]
    public string OfEndpoint_NameThatSageMakerTakes_IsTheName(string endpoint) => SageMakerNames.OfEndpoint("", endpoint);

    [TestCase("customer_churn", "customer.churn")]
    [TestCase("a-", "a")]
    [TestCase("a--b", "a-b")]
    [TestCase("-", "_")]
    [TestCase("a-v1-0123456789", "a-v1-0123456788")]
    public void OfEndpoint_OtherNames_AreValidAndDiffer(string one, string other)
    {
        var names = new[] { one, other, new string('a', 100), new string('a', 99) }
            .Select(name => SageMakerNames.OfEndpoint("p", name)).ToList();

        Assert.That(names, Is.Unique);
        foreach (var name in names)
        {
            Assert.That(name, Does.Match("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"));
            var longest = SageMakerNames.OfVersion(name, int.MaxValue, "x");
            Assert.That(longest, Has.Length.LessThanOrEqualTo(63));
            Assert.That(SageMakerNames.IsOfVersion(name, longest), Is.True);
        }

        Assert.That(SageMakerNames.IsOfVersion("a", SageMakerNames.OfVersion("a-v1", 2, "x")), Is.False, "another endpoint's");
    }

    [Test]
    public async Task PackAsync_SameFiles_AreTheSameArchive()
    {
        using var folder = new TempFolder();
        var endpoint = new string('a', 100);
        Directory.CreateDirectory(folder[endpoint]);
        foreach (var name in new[] { "1-0123456789abcdef.mlops", "current.json" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder[endpoint], name), "content");
        }

        string[] names = ["1-0123456789abcdef.mlops", "current.json"];
        var first = await ModelArchive.PackAsync(folder.Path, names, endpoint, CancellationToken.None);
        var second = await ModelArchive.PackAsync(folder.Path, names, endpoint, CancellationToken.None);

        Assert.That(first, Is.EqualTo(second));
        Assert.That(Bench.Unpack(first), Is.EqualTo("content"u8.ToArray()));
    }

    private static SageMakerOptions Valid()
    {
        var options = new SageMakerOptions { RoleArn = Bench.Role, Image = "image:1" };
        options.Upload.Bucket = "models";
        return options;
    }
}
