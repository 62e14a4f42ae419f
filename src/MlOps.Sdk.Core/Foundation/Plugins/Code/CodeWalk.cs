using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// Follows code from where it begins through everything that it may run in assemblies of the application. A type that is seen counts with
/// all that the framework may call of it: its virtual methods, also those of its bases. Serves one walk; not thread-safe.
/// </summary>
/// <remarks>
/// The rule is rapid type analysis, see D. F. Bacon and P. F. Sweeney, Fast static analysis of C++ virtual function calls, OOPSLA 1996,
/// <see href="https://doi.org/10.1145/236337.236371"/>: a virtual call may reach the overrides of the types that the code mentions. Calls
/// that the application left open on purpose (interfaces, abstract methods, reflection) are not resolved.
/// </remarks>
internal sealed class CodeWalk
{
    private const int MostMembers = 20_000;
    /// <summary>What a type declares itself.</summary>
    public const BindingFlags Declared = BindingFlags.DeclaredOnly
        | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private readonly Dictionary<MemberInfo, int> _numbers = [];
    private readonly Queue<MemberInfo> _work = [];
    private readonly HashSet<Type> _types = [];
    private readonly HashSet<Type> _exposed = [];
    private readonly HashSet<Type> _whole = [];
    private readonly Queue<Type> _looks = [];
    private readonly HashSet<Type> _kinds = [];
    private readonly OrderedDictionary<FieldInfo, bool> _statics = [];
    private readonly HashSet<Assembly> _assemblies = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly CodeText _text;
    private readonly CodeTypes _written;
    private readonly Assembly _root;
    private string? _forced;
    private string? _opaque;
    private bool _isViewed;
    private bool _isSearched;
    private bool _readsResources;
    private bool _hasUserCode;

    private CodeWalk(Assembly root)
    {
        _root = root;
        _text = new CodeText(Number);
        _written = new CodeTypes(this, _text, new CodeAttributes(this, _text));
    }

    /// <summary>The code of a method that a delegate calls.</summary>
    public static CodeReach OfMethod(MethodInfo method) => new CodeWalk(method.Module.Assembly).Walk(CodeNames.Of(method), walk =>
    {
        if (method.DeclaringType is null && method.Module.Assembly.IsDynamic)
        {
            walk.SetOpaque("was compiled at run time, so that its code cannot be compared");
            return;
        }

        walk._text.Method(method);

        // Who calls it makes its arguments: rows, for example, by their properties.
        foreach (var parameter in method.GetParameters()) walk.Expose(parameter.ParameterType);
        walk.Expose(method.ReturnType);
        walk.Call(method);
    });

    /// <summary>The code of an object: all that can be called of it through a contract, and how it is made.</summary>
    public static CodeReach OfObject(Type type) => new CodeWalk(type.Assembly).Walk(CodeNames.Of(type), walk =>
    {
        walk._text.Type(type);
        walk.Mention(type);
        if (CodeOrigins.Of(type) != CodeOrigin.User || CodeNames.IsGenerated(type)) return;
        foreach (var constructor in CodeTypes.Sorted(CodeText.Definition(type).GetConstructors(Declared))) walk.Reach(constructor);
    });

    /// <summary>The code of a type of which somebody looks at all members.</summary>
    public static CodeReach OfMembers(Type type) => new CodeWalk(type.Assembly).Walk(CodeNames.Of(type), walk =>
    {
        walk._text.Type(type);
        walk.Expose(type);
    });

    /// <summary>Says that a call leaves open what runs.</summary>
    public void Force(string reason) => _forced ??= reason;

    /// <summary>Says that a call leaves open what runs, and counts all that it may find.</summary>
    public void Open(string caller, OpenCall call)
    {
        Force($"{caller} {call.Why}");
        if (call.Finds == CodeFinding.Types) SetOpaque($"may run any code and read any static field: {caller} {call.Why}");
        if (call.Finds != CodeFinding.Members || _isSearched) return;

        // Members that are found by name may be static fields.
        _isSearched = true;
        View();
        foreach (var type in _whole.ToArray()) ReadStatics(type);
    }

    /// <summary>Says that the code reads resources in the language of whoever runs it.</summary>
    public void ReadResources() => _readsResources = true;

    /// <summary>Says that what the code does cannot be told in advance.</summary>
    public void SetOpaque(string reason) => _opaque ??= reason;

    /// <summary>Says that something looks at the members of whatever it is given.</summary>
    public void View()
    {
        if (_isViewed) return;
        _isViewed = true;
        foreach (var type in _types) Look(type);
    }

    /// <summary>Sees a type in the code: an object of it may be there.</summary>
    public void Mention(Type? type, bool isArgument = false)
    {
        if (type is null || type.IsGenericParameter || type.IsFunctionPointer) return;
        if (type.HasElementType)
        {
            Mention(type.GetElementType(), isArgument);
            return;
        }

        if (type.IsConstructedGenericType)
        {
            var exposes = CodeOrigins.Of(type) is CodeOrigin.Library or CodeOrigin.Package && !typeof(Delegate).IsAssignableFrom(type);
            foreach (var argument in type.GetGenericArguments())
            {
                Mention(argument, isArgument: true);
                if (exposes) Expose(argument);
            }
        }

        type = CodeText.Definition(type);
        Use(type.Assembly);
        if (!IsRead(type)) return;
        Number(type);

        // Generic code makes objects by the constructor without parameters.
        if (isArgument && type is { IsAbstract: false, IsInterface: false }
            && type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is { } made)
        {
            Reach(made);
        }
    }

    /// <summary>Sees a type of which somebody looks at all members.</summary>
    public void Expose(Type? type)
    {
        Mention(type);
        if (type is null || type.IsGenericParameter || type.IsFunctionPointer) return;
        if (type.HasElementType) Expose(type.GetElementType());
        else
        {
            if (type.IsConstructedGenericType) Array.ForEach(type.GetGenericArguments(), Expose);
            type = CodeText.Definition(type);
            if (!IsRead(type) || typeof(Delegate).IsAssignableFrom(type) || !_exposed.Add(type)) return;
            if (_types.Contains(type)) Look(type);
        }
    }

    /// <summary>Sees a text that whoever looks at members may take for the name of a type.</summary>
    public void ExposeNamed(string name)
    {
        foreach (var type in ModuleIdentities.Of(_root).UserTypesNamed(name)) Expose(type);
    }

    /// <summary>Follows a call of exactly this method.</summary>
    public void Call(MethodBase method)
    {
        if (method.DeclaringType is { } owner)
        {
            if (!method.IsStatic) Mention(owner);
            else if (owner.IsConstructedGenericType) Array.ForEach(owner.GetGenericArguments(), type => Mention(type, isArgument: true));
            Use(owner.Assembly);
        }

        if (method is MethodInfo { IsGenericMethod: true })
        {
            var exposes = CodeOrigins.Of(method.Module.Assembly) is CodeOrigin.Library or CodeOrigin.Package;
            foreach (var argument in method.GetGenericArguments())
            {
                Mention(argument, isArgument: true);
                if (exposes) Expose(argument);
            }
        }

        if (CodeText.Definition(method) is { } definition && IsRead(definition)) Reach(definition);
    }

    /// <summary>Follows a use of a static member: what its type does before it is first used runs then.</summary>
    public void Touch(Type? type)
    {
        if (type is null || !IsRead(type)) return;
        type = CodeText.Definition(type);
        if (type.TypeInitializer is { } first && (type.Attributes & TypeAttributes.BeforeFieldInit) == 0) Reach(first);
    }

    /// <summary>
    /// Sees all types of the application that an open call may reach: whole modules count for them, but not what they read from static
    /// fields.
    /// </summary>
    public void MentionKinds(Type contract)
    {
        contract = CodeText.Definition(contract);
        if (!_kinds.Add(contract)) return;
        foreach (var type in ModuleIdentities.Of(_root).KindsOf(contract)) Mention(type);
    }

    /// <summary>Sees a static field being read.</summary>
    public void Read(FieldInfo field)
    {
        Touch(field.DeclaringType);
        if (field.IsLiteral || CodeText.IsCache(field)) return;
        if (CodeOrigins.Of(field.Module.Assembly) is CodeOrigin.Framework or CodeOrigin.Library) return;
        if (StaticFields.IsSettled(field))
        {
            if (CodeText.Definition(field.DeclaringType!).TypeInitializer is { } first) Reach(first);
            return;
        }

        // A value that is not made yet is what this code makes.
        if (StaticFields.IsLazy(field) && CodeText.Definition(field.DeclaringType!).TypeInitializer is { } made) Reach(made);
        foreach (var maker in CodeTypes.Sorted(StaticFields.ResourceMakers(field) ?? [])) Reach(maker);
        if (StaticFields.WhyOpaque(field) is { } opaque) SetOpaque($"reads the static field {CodeNames.Of(field)}, {opaque}");
        else _statics.TryAdd(field, true);
    }

    private CodeReach Walk(string name, Action<CodeWalk> begin)
    {
        using (_hash)
        {
            try
            {
                begin(this);
                while (Next()) Flush();
                Flush();
            }
            catch (Exception e) when (e is TypeLoadException or IOException or BadImageFormatException or MissingMemberException
                or ArgumentException or NotSupportedException or InvalidOperationException)
            {
                Force($"{name} refers to something that cannot be loaded: {e.Message}");
                SetOpaque($"refers to something that cannot be loaded, so that its code cannot be followed: {e.Message}");
            }

            var counted = _assemblies.Where(used => _forced is not null || CodeOrigins.Of(used) != CodeOrigin.User);
            if (_forced is not null && CodeOrigins.Of(_root) != CodeOrigin.Library) counted = counted.Append(_root);
            var modules = ModuleIdentities.Of([.. counted]);
            if (modules.HasUnknown) SetOpaque("runs in a process that does not tell what its modules reference, as after native AOT");
            if (_readsResources && modules.HasNoFile)
            {
                SetOpaque("reads resources, of which some may be for one language, of a module without a file");
            }

            var digest = _forced is null
                ? _hash.GetHashAndReset()
                : SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', modules.Users.Select(user => $"{user.Name} {user.Identity}"))));
            return new CodeReach
            {
                Name = name,
                Digest = _hasUserCode || _forced is not null ? Convert.ToHexStringLower(digest) : null,
                Forced = _forced,
                Opaque = _opaque,
                Statics = [.. _statics.Keys],
                Packages = [.. modules.Packages],
            };
        }
    }

    private bool Next()
    {
        if (_numbers.Count > MostMembers)
        {
            Force($"it reaches more than {MostMembers:N0} methods and types");
            SetOpaque($"reaches more than {MostMembers:N0} methods and types");
            return false;
        }

        if (_work.TryDequeue(out var member))
        {
            _text.Add("\n\n").Add(_numbers[member]).Add(" ");
            if (member is not Type type) new CodeBody(this, _text, (MethodBase)member).Read();
            else
            {
                _types.Add(type);
                Look(type);
                _written.Read(type);
            }

            return true;
        }

        if (!_looks.TryDequeue(out var seen)) return false;
        _written.ReadMembers(seen);
        return true;
    }

    // A type whose members count is read as a whole once all else that is known was.
    private void Look(Type type)
    {
        if ((_isViewed || _exposed.Contains(type)) && !CodeNames.IsGenerated(type) && _whole.Add(type)) _looks.Enqueue(type);
    }

    /// <summary>Sees the static fields of a type whose members are read, where members are found by name.</summary>
    public void SeeStatics(Type type)
    {
        if (_isSearched) ReadStatics(type);
    }

    private void ReadStatics(Type type)
    {
        foreach (var field in CodeTypes.Sorted(type.GetFields(Declared)).Where(field => field.IsStatic)) Read(field);
    }

    /// <summary>Sees a method that may run.</summary>
    public void Reach(MethodBase method)
    {
        if (IsRead(method)) Number(method);
    }

    private int Number(MemberInfo member)
    {
        if (_numbers.TryGetValue(member, out var known)) return known;
        var number = _numbers.Count;
        _numbers.Add(member, number);
        if (member is Type type ? IsRead(type) : IsRead((MethodBase)member)) _work.Enqueue(member);
        _hasUserCode = true;
        return number;
    }

    /// <summary>
    /// Whether the code of a type is read: also what the compiler made of a lambda of this library, which has no name that stays.
    /// </summary>
    public static bool IsRead(Type type) => CodeOrigins.Of(type) switch
    {
        CodeOrigin.User => true,
        CodeOrigin.Library => CodeNames.IsGenerated(type),
        _ => false,
    };

    private static bool IsRead(MethodBase method) => CodeOrigins.Of(method.Module.Assembly) switch
    {
        CodeOrigin.User => true,
        CodeOrigin.Library => CodeNames.IsGenerated(method),
        _ => false,
    };

    private void Use(Assembly assembly)
    {
        var origin = CodeOrigins.Of(assembly);
        if (origin == CodeOrigin.Framework && !CodeOrigins.IsDeployed(assembly)) return;
        _assemblies.Add(assembly);

        // A package may look at whatever it gets.
        if (origin == CodeOrigin.Package) View();
    }

    private void Flush()
    {
        foreach (var chunk in _text.Text.GetChunks()) _hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(chunk.Span));
        _text.Text.Clear();
    }
}
