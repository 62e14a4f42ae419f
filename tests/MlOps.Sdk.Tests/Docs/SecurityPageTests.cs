using System.Text.RegularExpressions;
using NUnit.Framework;
using SQLitePCL;

namespace MlOps.Sdk.Tests.Docs;

[TestFixture]
public sealed partial class SecurityPageTests
{
    [Test]
    public void BundledSqlite_OnThePage_IsTheOneThatIsLoaded()
    {
        Batteries_V2.Init();
        var page = Documentation.Read("SECURITY.md");
        var packages = Documentation.Read("Directory.Packages.props");

        Assert.Multiple(() =>
        {
            Assert.That(Version().Match(page).Groups[1].Value, Is.EqualTo(raw.sqlite3_libversion().utf8_to_string()));
            Assert.That(Bundle().Match(page).Groups[1].Value, Is.EqualTo(Restored().Match(packages).Groups[1].Value));
        });
    }

    [GeneratedRegex(@"brings SQLite ([\d.]+\d)")]
    private static partial Regex Version();

    [GeneratedRegex(@"`SQLitePCLRaw\.bundle_e_sqlite3` ([\d.]+\d)")]
    private static partial Regex Bundle();

    [GeneratedRegex(@"Include=""SQLitePCLRaw\.bundle_e_sqlite3"" Version=""([\d.]+)""")]
    private static partial Regex Restored();
}
