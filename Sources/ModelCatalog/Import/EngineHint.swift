/// What helps where the engine refuses a model for a reason that lies elsewhere.
enum EngineHint {
    /// What to do about the engine's `message`; nil where nothing better is known than what it says. `makesMaps` says whether
    /// the model has operators that give maps.
    static func hint(for message: String, makesMaps: Bool = false) -> String? {
        if message.contains("construct locale") {
            return "its operators on text need the locale en_US.UTF-8; on Debian, as root: apt-get install locales && "
                + "localedef -i en_US -f UTF-8 en_US.UTF-8"
        }
        if makesMaps, message.contains("is not a tensor") {
            return "only tensors are served; a classifier of scikit-learn is exported without ZipMap by skl2onnx's "
                + "options={'zipmap': False}"
        }
        return nil
    }
}
