using System.Reflection;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Transforms.Text;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class OutsideLoadersTests
{
    [TestCase("WordEmbeddingsTransform", 0x50)]
    [TestCase("WordEmbeddingsTransform", 0x68)]
    [TestCase("WORDEMBEDDINGSTRANSFORM", 0x50)]
    [TestCase(" wordEmbeddingsTransform", 0x68)]
    public void Check_PartThatReadsOutsideOfTheFile_IsRefused(string loader, int at)
    {
        Assert.That(
            () => new LoaderAllowList("Microsoft.ML.Transforms").Check(Asking(loader, at)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("outside the model file").And.Message.Contains("Nothing was loaded"));
    }

    [Test]
    public void Check_OtherLoader_Passes() =>
        Assert.That(() => new LoaderAllowList().Check(Asking("TermTransform", 0x50)), Throws.Nothing);

    [Test]
    public void Save_WordEmbeddings_AreRefusedInTrainingToo()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-embedding-");
        try
        {
            var words = Path.Combine(folder.FullName, "words.txt");
            File.WriteAllText(words, "offer 0.1 0.2\nlunch 0.3 0.4\n");
            var ml = new MLContext(seed: 1);
            var view = ml.Data.LoadFromEnumerable([new Sentence { Words = ["offer", "lunch"] }]);
            var fitted = ml.Transforms.Text.ApplyWordEmbedding("Features", words, "Words").Fit(view);

            Assert.That(
                () => ModelFile.Save(ml, fitted, view.Schema, "The pipeline"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("'WordEmbeddingsTransform'"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void Refuse_EveryNameUnderWhichWordEmbeddingsAreLoaded_IsKnown()
    {
        var names = typeof(WordEmbeddingTransformer).Assembly.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType.Name == "LoadableClassAttribute")
            .Select(attribute => attribute.ConstructorArguments.SelectMany(Flat).ToArray())
            .Where(arguments => arguments.OfType<Type>().Contains(typeof(WordEmbeddingTransformer))
                && arguments.OfType<Type>().Any(type => type.Name.StartsWith("SignatureLoad", StringComparison.Ordinal)))
            .Select(arguments => arguments.OfType<string>().Last())
            .Distinct()
            .ToArray();

        Assert.That(names, Is.Not.Empty);
        foreach (var name in names) Assert.That(() => OutsideLoaders.Refuse(Asking(name, 0x50)), Throws.TypeOf<MlOpsException>(), name);
    }

    private static IEnumerable<object?> Flat(CustomAttributeTypedArgument argument) =>
        argument.Value is IEnumerable<CustomAttributeTypedArgument> many ? many.SelectMany(Flat) : [argument.Value];

    private static CanonicalZip Asking(string loader, int at)
    {
        var header = ModelFiles.Header("Microsoft.ML.Transforms");
        Encoding.ASCII.GetBytes(loader).CopyTo(header, at);
        return CanonicalZip.Read(ModelFiles.Zip(("TransformerChain/Model.key", header)));
    }

    private sealed class Sentence
    {
        public string[] Words { get; set; } = [];
    }
}
