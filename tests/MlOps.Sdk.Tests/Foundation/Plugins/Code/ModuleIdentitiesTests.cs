using System.Reflection;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

[TestFixture]
public sealed class ModuleIdentitiesTests
{
    private const string Resources =
        "x => new System.Resources.ResourceManager(typeof(App)).GetString(\"name\", System.Globalization.CultureInfo.InvariantCulture)!";

    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("mlops").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void OfMethod_ReadsResources_CountsTheModule() => Assert.That(
        BuiltApp.ReachOfLambda(Resources).Forced,
        Is.EqualTo("lambda in App.Root calls ResourceManager.ctor, which reads what a module holds beside code"));

    [Test]
    public void OfMethod_ReadsResourcesOfAModuleWithoutAFile_IsOpaque() => Assert.That(
        BuiltApp.ReachOfLambda(Resources).Opaque,
        Is.EqualTo("reads resources, of which some may be for one language, of a module without a file"));

    [Test]
    public void OfMethod_ReadsResourcesOfOneLanguage_CountsTheirModule()
    {
        using var plain = BuiltApp.Build(BuiltApp.Source(Resources), folder: Folder("one"));
        var bytes = File.ReadAllBytes(plain.Assembly.Location);
        var german = Loaded("german", 1);

        Assert.Multiple(() =>
        {
            Assert.That(plain.Reach.Opaque, Is.Null);
            Assert.That(german, Is.Not.EqualTo(plain.Reach.Digest));
            Assert.That(Loaded("again", 1), Is.EqualTo(german));
            Assert.That(Loaded("changed", 2), Is.Not.EqualTo(german));
        });

        // The same build beside other resources.
        string Loaded(string name, byte content)
        {
            var folder = Folder(name);
            File.WriteAllBytes(Path.Combine(folder, "App.dll"), bytes);
            var language = Directory.CreateDirectory(Path.Combine(folder, "de")).FullName;
            File.WriteAllBytes(Path.Combine(language, "App.resources.dll"), [content]);
            var context = new System.Runtime.Loader.AssemblyLoadContext(null, isCollectible: true);
            var app = context.LoadFromAssemblyPath(Path.Combine(folder, "App.dll"));
            var root = (Delegate)app.GetType("App")!.GetMethod("Root")!.Invoke(null, null)!;
            var digest = UserCode.OfMethod(root.Method).Digest!;
            context.Unload();
            return digest;
        }
    }

    [Test]
    public void OfMethod_ReadsAnEmbeddedFile_CountsTheModuleAndIsReused() => Assert.That(
        BuiltApp.ReachOfLambda("x => typeof(App).Assembly.GetManifestResourceStream(\"weights.bin\")!"),
        Has.Property("Forced").Not.Null.And.Property("Opaque").Null);

    // As after native AOT.
    [Test]
    public void Of_ReferencesCannotBeRead_SaysThatThereMayBeMore() => Assert.Multiple(() =>
    {
        Assert.That(ModuleIdentities.Of(new Closed()).HasUnknown, Is.True);
        Assert.That(ModuleIdentities.Of([new Closed(), typeof(ModuleIdentitiesTests).Assembly]).HasUnknown, Is.True);
        Assert.That(ModuleIdentities.Of(typeof(ModuleIdentitiesTests).Assembly).HasUnknown, Is.False);
    });

    [Test]
    public void KindsOf_ContractsOfTheApplication_AreImplementationsAndDerivedClasses()
    {
        using var app = BuiltApp.Build(
            "public static class App; interface IHas<T>; class A : IHas<int>; class B : A; " +
            "interface IMore : IHas<long>; struct C : IMore;");
        var modules = ModuleIdentities.Of(app.Assembly);

        Assert.Multiple(() =>
        {
            Assert.That(Names("IHas`1"), Is.EquivalentTo(new[] { "A", "B", "C" }));
            Assert.That(Names("A"), Is.EquivalentTo(new[] { "A", "B" }));
            Assert.That(Names("B"), Is.EquivalentTo(new[] { "B" }));
        });

        string[] Names(string contract) => [.. modules.KindsOf(app.Assembly.GetType(contract)!).Select(type => type.Name)];
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private sealed class Closed : Assembly
    {
        public override Module ManifestModule => typeof(ModuleIdentitiesTests).Module;

        public override string Location => "";

        public override AssemblyName GetName() => new("Closed, Version=1.0.0.0");

        public override object[] GetCustomAttributes(Type attributeType, bool inherit) => (object[])Array.CreateInstance(attributeType, 0);

        public override AssemblyName[] GetReferencedAssemblies() => throw new PlatformNotSupportedException();
    }
}
