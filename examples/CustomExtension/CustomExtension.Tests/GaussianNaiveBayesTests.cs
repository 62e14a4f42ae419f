using MlOps.Sdk;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace CustomExtension.Tests;

/// <summary>What every trainer promises, on this one; and what this one alone does.</summary>
[TestFixture]
public sealed class GaussianNaiveBayesTests : TrainerContract
{
    protected override ITrainer Create() => new GaussianNaiveBayes();

    protected override void AddReaders(FormatReaders readers) => readers.Add(new GaussianNaiveBayes.Reader());

    [TestCase("""["BinaryClassification",[0.5,0.5],[1,2],[1]]""", TestName = "a variance is missing")]
    [TestCase("""["BinaryClassification",[0.5,0.2,0.3],[1,2,3],[1,1,1]]""", TestName = "three classes of two")]
    public void Read_PartsThatDoNotFit_AreRefused(string saved)
    {
        var readers = new FormatReaders();
        AddReaders(readers);

        Assert.That(
            () => readers.Read<IModel>(GaussianNaiveBayes.Format, System.Text.Encoding.UTF8.GetBytes(saved)),
            Throws.InstanceOf<MlOpsException>());
    }
}
