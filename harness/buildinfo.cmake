# Run at each build; touches the header only if something changed.
# -DSOURCE= -DTEMPLATE= -DOUTPUT= -DCOMPILER= -DFLAGS= -DTYPE=
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  set(REVISION "unknown")
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
