using System.Text;
using MlOps.Sdk.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

public sealed class RedactedSqlTests
{
    private const string Canary = "CANARY";

    [TestCase("SELECT a, b FROM t WHERE x > 3.5 AND y = 'it''s'", "SELECT a, b FROM t WHERE x > '…' AND y = '…'")]
    [TestCase("SELECT t1.a FROM \"my table\" AS \"it's\" JOIN \"u\" ON t1.\"id\" = \"u\".id", null)]
    [TestCase("SELECT `a` FROM `t` WHERE [b c] = 'x'", "SELECT `a` FROM `t` WHERE [b c] = '…'")]
    [TestCase("SELECT a /* c */ FROM t -- d", "SELECT a '…' FROM t '…'")]
    [TestCase("SELECT name FROM t WHERE id > @after AND v$session = $1", "SELECT name FROM t WHERE id > @after AND v$session = $'…'")]
    [TestCase("WITH x AS (SELECT a FROM \"t\") INSERT INTO \"u\" SELECT * FROM x", null)]
    public void Of_WhatIsNoLiteral_Stays(string sql, string? kept) => Assert.That(RedactedSql.Of(sql), Is.EqualTo(kept ?? sql));

    // SQL Server
    [TestCase("SELECT * FROM t AS [it's] WHERE name <> 'CANARY'")]
    [TestCase("SELECT * FROM t AS [it's ]] 's] WHERE name <> N'CANARY'")]
    [TestCase("SELECT /* it's /* nested */ 'CANARY' */ name <> 'CANARY'")]

    // MySQL
    [TestCase("SELECT 1 # it's\nFROM t WHERE name <> 'CANARY'")]
    [TestCase("SELECT 1 # say \"\nFROM t WHERE name <> \"CANARY\"")]
    [TestCase("SELECT * FROM t WHERE name = \"CANARY\"")]
    [TestCase("SELECT * FROM t WHERE name IN (\"a\", \"CANARY\")")]
    [TestCase("SELECT * FROM t WHERE name = \"it\\\"s CANARY\"")]
    [TestCase("SELECT 5--'CANARY it''s'\n, 'x'")]
    [TestCase("SELECT 5--\"CANARY\"")]
    [TestCase("SELECT TRIM(BOTH 'x' FROM \"CANARY\"), EXTRACT(YEAR FROM \"CANARY\")")]
    [TestCase("SELECT /*! 'CANARY */ it' */ FROM t")]
    [TestCase("SELECT `it's` FROM t WHERE name = 'CANARY'")]
    [TestCase("SELECT x'CANARY', _utf8'CANARY', b'CANARY'")]

    // SQLite
    [TestCase("SELECT * FROM t WHERE name IS NOT DISTINCT FROM \"CANARY\"")]
    [TestCase("SELECT \"CANARY\" FROM t")]

    // Oracle
    [TestCase("SELECT q'[it's CANARY]' FROM dual WHERE x = 'y'")]
    [TestCase("SELECT nq'{it's CANARY}', Q'!it's 'CANARY' !' FROM dual")]
    [TestCase("SELECT q'<it's>', 'CANARY' FROM dual")]

    // PostgreSQL
    [TestCase("SELECT E'it\\'s CANARY', 'x'")]
    [TestCase("SELECT E'a'\n'it\\'s CANARY', 'x'")]
    [TestCase("SELECT U&'it''s CANARY' UESCAPE '!', N'CANARY', E'CANARY'")]
    [TestCase("SELECT $$it's CANARY$$, $t$it's $$ CANARY$t$")]
    [TestCase("SELECT 1$$CANARY and more$$")]
    [TestCase("SELECT /* it's /* 'nested' */ CANARY */ 'x'")]
    [TestCase("SELECT a -- it's\r, 'CANARY' FROM t")]
    [TestCase("SELECT ARRAY['a]', 'CANARY[']")]

    // Snowflake
    [TestCase("SELECT a // the CANARY\nFROM t")]
    [TestCase("SELECT a // it's\nFROM t WHERE name <> 'CANARY'")]
    [TestCase("SELECT a FROM t WHERE url = 'http://x' AND name = 'CANARY'")]

    // Others, and what nothing can be made of
    [TestCase("SELECT '''it's CANARY 'x' ''', \"\"\"say \" CANARY\"\"\"")]
    [TestCase("SELECT a FROM t // it's CANARY\nWHERE name = 'CANARY' // it's CANARY")]
    [TestCase("SELECT a // CANARY\r\nFROM t")]
    [TestCase("EXEC p @password = CANARY")]
    [TestCase("CREATE USER u IDENTIFIED BY CANARY")]
    [TestCase("SELECT 'CANARY")]
    [TestCase("SELECT \"CANARY")]
    [TestCase("SELECT q'")]
    [TestCase("SELECT q'[CANARY")]
    [TestCase("SELECT /* CANARY")]
    [TestCase("SELECT $$CANARY")]
    [TestCase("SELECT 0xCANARY, 1.5CANARY")]
    public void Of_LiteralOfADialect_IsGone(string sql) => Assert.That(RedactedSql.Of(sql), Does.Not.Contain(Canary));

    [Test]
    public void Of_AnyQueryOfAnyDialect_KeepsNoLiteral([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var kept = 0;
        foreach (var dialect in new Func<Random, string>[] { PostgreSql, MySql, SqlServer, Oracle, Sqlite, Snowflake })
        {
            for (var i = 0; i < 3_000; i++)
            {
                var sql = new StringBuilder("SELECT ");
                for (var parts = random.Next(1, 8); parts > 0; parts--)
                {
                    var isPlain = random.Next(4) == 0;
                    sql.Append(isPlain ? Pick(random, "a", "b, ", "FROM t ", "WHERE x = ", "(", ")", "= ", "\n") : dialect(random));
                    sql.Append(' ');
                }

                var redacted = RedactedSql.Of(sql.ToString());
                Assert.That(redacted, Does.Not.Contain(Canary), sql.ToString());
                kept += redacted.Length > 12 ? 1 : 0;
            }
        }

        Assert.That(kept, Is.GreaterThan(1_000), "something must stay");
    }

    private static string PostgreSql(Random random) => random.Next(8) switch
    {
        0 => $"'{Doubled(Noise(random), '\'')}'",
        1 => $"E'{Escaped(Noise(random), '\'', random)}'",
        2 => $"$q${Noise(random).Replace("$", "", StringComparison.Ordinal)}$q$",
        3 => $"/* {Canary} it's /* {Canary} */ it's */",
        4 => $"-- {Noise(random)}\n",
        5 => $"AS \"{Doubled(Word(random), '"')}x\"",
        6 => $"U&'{Doubled(Noise(random), '\'')}'",
        _ => "data #>> x",
    };

    private static string MySql(Random random) => random.Next(7) switch
    {
        0 => $"'{Escaped(Noise(random), '\'', random)}'",
        1 => $"= \"{Escaped(Noise(random), '"', random)}\"",
        2 => $"# {Noise(random)}\n",
        3 => $"-- {Noise(random)}\n",
        4 => $"`{Doubled(Word(random), '`')}x`",
        5 => $"/* {Noise(random)} */",
        _ => $"5--'{Escaped(Noise(random), '\'', random)}'",
    };

    private static string SqlServer(Random random) => random.Next(5) switch
    {
        0 => $"N'{Doubled(Noise(random), '\'')}'",
        1 => $"[{Doubled(Word(random), ']')}x]",
        2 => $"/* it's /* {Canary} */ {Canary} it's */",
        3 => $"-- {Noise(random)}\n",
        _ => $"= \"{Doubled(Noise(random), '"')}\"",
    };

    private static string Oracle(Random random) => random.Next(4) switch
    {
        0 => $"q'[{Noise(random).Replace("]", "", StringComparison.Ordinal)}]'",
        1 => $"nq'!{Noise(random)}!'",
        2 => $"'{Doubled(Noise(random), '\'')}'",
        _ => $"-- {Noise(random)}\n",
    };

    private static string Sqlite(Random random) => random.Next(5) switch
    {
        0 => $"'{Doubled(Noise(random), '\'')}'",
        1 => $"[{Word(random).Replace("]", "", StringComparison.Ordinal)}x]",
        2 => $"`{Doubled(Word(random), '`')}x`",
        3 => $"= \"{Doubled(Noise(random), '"')}\"",
        _ => $"-- {Noise(random)}\n",
    };

    private static string Snowflake(Random random) => random.Next(4) switch
    {
        0 => $"'{Escaped(Noise(random), '\'', random)}'",
        1 => $"$${Noise(random).Replace("$", "", StringComparison.Ordinal)}$$",
        2 => $"// {Noise(random)}\n",
        _ => $"-- {Noise(random)}\n",
    };

    // The canary stands between characters that mean something somewhere.
    private static string Noise(Random random) => $"{Word(random)}{Canary}{Word(random)}";

    private static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(4)).Select(
        _ => Pick(random, "'", "\"", "`", "[", "]", "#", "$", "--", "it's", "\\", "w", " ", "q'")));

    private static string Doubled(string text, char quote) => text.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal);

    private static string Escaped(string text, char quote, Random random) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace($"{quote}", Pick(random, $"\\{quote}", $"{quote}{quote}"), StringComparison.Ordinal);

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];
}
