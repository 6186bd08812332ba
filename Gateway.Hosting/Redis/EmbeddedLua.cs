namespace Xmtp.Gateway.Redis;

/// <summary>Reads the <c>.lua</c> files embedded in an assembly.</summary>
internal static class EmbeddedLua
{
    /// <summary>Reads files into one script.</summary>
    /// <param name="beside">A type in the folder of the files.</param>
    /// <param name="files">The names of the files without their extension, in order.</param>
    internal static string Read(Type beside, params ReadOnlySpan<string> files)
    {
        var script = "";
        foreach (var file in files)
        {
            using var reader = new StreamReader(beside.Assembly.GetManifestResourceStream(beside, file + ".lua")!);
            script += reader.ReadToEnd();
        }

        return script;
    }
}
