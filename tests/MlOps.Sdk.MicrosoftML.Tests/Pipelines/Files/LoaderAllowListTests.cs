using System.Runtime.Loader;
using System.Text;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class LoaderAllowListTests
{
    private const string Known = "Microsoft.ML.FastTree,";
    private const string Unknown = "Contoso.Secret.Loader,";

    [Test]
    public void Check_ModelOfMicrosoftML_AsksForItsAssembliesOnly()
    {
        var file = CanonicalZip.Read(ModelFiles.Trees);

        new LoaderAllowList().Check(file);

        var names = LoaderHeaders.Of(file).Select(name => name.Assembly.Split(',')[0]).Distinct().ToArray();
        Assert.That(names, Does.Contain("Microsoft.ML.Data").And.Contain("Microsoft.ML.FastTree"));
        Assert.That(names, Is.SubsetOf(LoaderAllowList.Known));
    }

    [Test]
    public void Known_Assemblies_AreThoseThatThePackagesBring()
    {
        foreach (var name in LoaderAllowList.Known.Where(name => name != "Microsoft.ML.LightGbm"))
        {
            Assert.That(System.Reflection.Assembly.Load(name).GetName().Name, Is.EqualTo(name));
        }
    }

    [Test]
    public void Load_HeaderNamesAnUnknownAssembly_IsRefusedBeforeAnythingIsLoaded()
    {
        var file = CanonicalZip.Read(Patched(Unknown));
        var asked = new List<string?>();
        System.Reflection.Assembly? Resolve(AssemblyLoadContext context, System.Reflection.AssemblyName name)
        {
            asked.Add(name.Name);
            return null;
        }

        AssemblyLoadContext.Default.Resolving += Resolve;
        try
        {
            Assert.That(
                () => ModelFile.Load(file, new LoaderAllowList(), out _),
                Throws.InstanceOf<MlOpsException>()
                    .With.Message.Contains("'Contoso.Secret.Loader'").And.Message.Contains("Nothing was loaded")
                    .And.Property(nameof(MlOpsException.Remedy)).Contains("UseMicrosoftML(\"Contoso.Secret.Loader\")"));
            Assert.That(asked, Has.None.EqualTo("Contoso.Secret.Loader"));

            // The trap is real: once the name is allowed, ML.NET asks the runtime for it.
            Assert.That(
                () => ModelFile.Load(file, new LoaderAllowList("Contoso.Secret.Loader"), out _), Throws.InstanceOf<MlOpsException>());
            Assert.That(asked, Does.Contain("Contoso.Secret.Loader"));
        }
        finally
        {
            AssemblyLoadContext.Default.Resolving -= Resolve;
        }
    }

    [TestCase("microsoft.ml.fasttree,")]
    [TestCase("Microsoft.ML.FastTre3,")]
    [TestCase("Microsoft,ML.FastTree,")]
    [TestCase("Microsoft.ML.FastTree\0")]
    [TestCase("......................")]
    public void Check_NameThatOnlyLooksKnown_IsRefused(string name)
    {
        Assert.That(() => new LoaderAllowList().Check(CanonicalZip.Read(Patched(name))), Throws.InstanceOf<MlOpsException>());
    }

    [TestCase("Microsoft.ML.StandardLearners, Version=1.0.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", true)]
    [TestCase("Microsoft.ML.Data", true)]
    [TestCase("Microsoft.ML.StandardLearnersX, Version=1.0.0.0", false)]
    [TestCase("Microsoft.ML.HalLearners, Version=1.0.0.0", false)]
    [TestCase("Microsoft.ML.Data, Culture=de", false)]
    [TestCase("Microsoft.ML.Data.Evil", false)]
    [TestCase("", false)]
    public void Check_HeaderOfAnAssembly_PassesWhereItsExactNameIsAllowed(string assembly, bool passes)
    {
        var file = CanonicalZip.Read(ModelFiles.Zip(("Model.key", ModelFiles.Header(assembly))));

        Assert.That(
            () => new LoaderAllowList().Check(file), passes ? Throws.Nothing : Throws.InstanceOf<MlOpsException>());
    }

    [TestCase("Microsoft.ML.HalLearners")]
    [TestCase("Microsoft.ML.Mkl.Components")]
    public void Check_AssemblyThatMoved_PassesByEitherName(string named)
    {
        var file = CanonicalZip.Read(ModelFiles.Zip(("Model.key", ModelFiles.Header("Microsoft.ML.HalLearners, Version=1.0.0.0"))));

        Assert.That(() => new LoaderAllowList(named).Check(file), Throws.Nothing);
    }

    [Test]
    public void Check_HeaderWithoutAnAssembly_Passes()
    {
        var file = CanonicalZip.Read(ModelFiles.Zip(("Model.key", ModelFiles.Header(null))));

        Assert.That(() => new LoaderAllowList().Check(file), Throws.Nothing);
    }

    [Test]
    public void Check_HeaderWithinAnEntry_IsFound()
    {
        var part = CanonicalZip.Read(Patched(Unknown)).Entries
            .First(entry => entry.Value.AsSpan().IndexOf(Encoding.Unicode.GetBytes("Contoso")) >= 0).Value;
        var file = ModelFiles.With(
            ModelFiles.Trees, (name, content) => name.EndsWith("Version.txt", StringComparison.Ordinal) ? [.. content, .. part] : content);

        Assert.That(
            () => new LoaderAllowList().Check(CanonicalZip.Read(file)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Contoso.Secret.Loader").And.Message.Contains("Version.txt"));
    }

    [Test]
    public void Check_HeadersWithBytesChanged_IsRefusedOrPasses()
    {
        var random = new Random(9);
        var list = new LoaderAllowList();
        var refused = 0;
        for (var i = 0; i < 400; i++)
        {
            var seed = random.Next();
            var file = ModelFiles.With(ModelFiles.Trees, (name, content) =>
            {
                if (name.EndsWith("Model.key", StringComparison.Ordinal))
                {
                    var at = new Random(seed ^ name.Length).Next(0x40, 0xA0);
                    if (at < content.Length) content[at] ^= (byte)(1 << (seed & 7));
                }
                return content;
            });
            try
            {
                list.Check(CanonicalZip.Read(file));
            }
            catch (MlOpsException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.InRange(1, 399));
    }

    [Test]
    public void Check_FileThatIsNoModel_IsRefused()
    {
        Assert.That(
            () => new LoaderAllowList().Check(CanonicalZip.Read(ModelFiles.Zip(("readme.txt", [1, 2, 3])))),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("not a model of ML.NET"));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("Contoso.*")]
    [TestCase("Contoso.Transforms, Version=1.0.0.0")]
    public void Create_NameThatIsNoSimpleName_IsRefused(string name)
    {
        Assert.That(() => new LoaderAllowList(name), Throws.ArgumentException);
        Assert.That(() => new WorkspaceOptions().UseMicrosoftML(name), Throws.ArgumentException);
    }

    private static byte[] Patched(string name) =>
        ModelFiles.With(ModelFiles.Trees, (_, content) => ModelFiles.Replace(content, Known, name));
}
